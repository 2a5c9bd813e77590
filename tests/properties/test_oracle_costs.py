"""Rules that share a cost, against a plain reading of AGREEMENTS 2.3 and 2.7: case by case, day by day, unit by unit.

The reading knows the formulas alone. One version, one fund, at most two services; every quarter is compared.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.properties.cases import NAMES, YEAR, Case, amounts, minor, text
from tests.properties.oracle import half_up, hand_out
from tests.properties.running import ran

Data = dict[str, Any]
Shares = dict[str, Counter[str]]
FIRST = dt.date(YEAR, 4, 1)
PERIODS = tuple(f"FY{YEAR}-Q{i}" for i in range(1, 5))
CASES, CLASSES = ("c1", "c2", "c3"), ("staff", "rooms", "other")


@st.composite
def percents(draw: Any, partners: list[str]) -> Data:
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=len(partners) - 1, max_size=len(partners) - 1)))
    ends = zip([0, *cuts], [*cuts, 1000], strict=True)
    return {p: f"{(end - start) / 10:.1f}" for p, (start, end) in zip(partners, ends, strict=True)}


@st.composite
def rules(draw: Any, by: str, partners: list[str]) -> Data:
    one, payer = st.sampled_from(partners), st.sampled_from(["for", partners[0]])
    if by == "fixed":
        return {"by": by, "percent": draw(percents(partners)), "eligible": ["staff", "rooms"], "otherwise": "incurred"}
    if by == "tariff":
        capped = {"percent": draw(st.integers(0, 100)), "cap_per_case": text(draw(st.integers(1, 20_000)))}
        return {"by": by, "payer": draw(payer), "remainder": draw(one),
                "rates": {"staff": capped, "rooms": {"percent": draw(st.sampled_from(["33.3", "50", "12.5"]))}}}
    if by == "duration":
        first = draw(st.integers(1, 30))
        days = [{"through_day": first}, {"through_day": first + draw(st.integers(1, 30))}, {}]
        return {"by": by, "tiers": [{**tier, "percent": draw(percents(partners))} for tier in days],
                "boundary": draw(st.sampled_from(["exact_day", "end_of_payment_period"]))}
    mean = draw(st.sampled_from([{}, {"free_units_mean": 3}, {"free_units_mean": "2.5"}]))
    return {"by": by, "price": text(draw(amounts)), "payer": draw(payer), "payee": draw(one), **mean}


@st.composite
def costed(draw: Any, by: str) -> Case:
    """One pooled fund whose cost is shared, and a year of its events in the order of their days."""
    partners = list(NAMES[:draw(st.integers(2, 4))])
    services = [f"s{i}" for i in range(draw(st.integers(1, 2)))]
    rule, whose = draw(rules(by, partners)), {c: draw(st.sampled_from(partners)) for c in CASES}
    events: list[Data] = []
    if by == "duration":
        before = {"date": str(FIRST), "event": "opening_units", "service": services[0]}
        events += [{**before, "case": c, "units": draw(st.integers(1, 40)), "reference": f"before-{c}"}
                   for c in draw(st.sets(st.sampled_from(CASES)).map(sorted))]
    days = sorted(draw(st.lists(st.integers(0, 365), min_size=4, max_size=12)))
    for i, day in enumerate(days):
        case = draw(st.sampled_from(CASES))
        one = {"date": str(FIRST + dt.timedelta(day)), "service": draw(st.sampled_from(services)), "case": case,
               "for": whose[case], "reference": f"e{i}", "cost_class": draw(st.sampled_from(CLASSES))}
        paid = {"partner": draw(st.sampled_from(partners))} if draw(st.booleans()) else {}
        if by == "unit_price":
            events.append({**one, "event": "activity", "units": draw(st.integers(0, 9))})
        elif by == "duration":
            events.append({**one, "event": "expenditure", "amount": text(draw(amounts)), **paid,
                           "units": draw(st.integers(1, 31))})
        else:
            events.append({**one, "event": "expenditure", "amount": text(draw(amounts)), **paid})
    line = {"fund": "core", "source": "base", "kind": "cash", "amount": "100.00", "instalments": "annual"}
    version = {"id": "v1", "reference": "Agreement", "effective": str(FIRST), "signed": str(FIRST),
               "funds": {"core": {"kind": "pooled", "host": partners[0]}},
               "contributions": [{**line, "partner": p} for p in partners],
               "services": {s: {"fund": "core", "lead": partners[0], "budget": "100.00"} for s in services},
               "rules": [{"id": "cost", "reference": "Clause", "applies_to": {"fund": "core"}, "cost": rule}]}
    agreement = {"poolbook": 1, "partnership": {"id": "millbrook", "name": "Millbrook", "currency": "GBP",
                                                "year_starts": "04-01", "periods": "quarter"},
                 "partners": {p: {"name": p, "kind": "municipality"} for p in partners}, "agreements": [version]}
    return Case(agreement, tuple(events), PERIODS)


@pytest.mark.parametrize("by", ["fixed", "tariff", "duration", "unit_price"])
@given(data=st.data())
@settings(max_examples=30)
def test_shared_cost_agrees_with_the_formulas(books: Engine, by: str, data: st.DataObject) -> None:
    case = data.draw(costed(by))
    rule, partners = case.versions[0]["rules"][0]["cost"], case.partners
    with ran(books, case) as run:
        for statement in run.statements():
            events = [e for e in case.events if e["date"] <= statement["period"]["to"]]
            want = READINGS[by](rule, partners, events)
            for service in statement["services"]:
                found = {p: minor(figures["actual"]) for p, figures in service["partners"].items()}
                wanted = want.get(service["id"], Counter())
                assert found == {p: wanted[p] for p in found}, (service["id"], statement["period"]["id"])
                assert minor(service["unallocated"]) == wanted[""]
            owed = _together(want)
            assert {p: minor(line["liability"]) for p, line in statement["partners"].items()} == {
                p: owed[p] for p in partners}


def _together(shares: Shares) -> Counter[str]:
    found: Counter[str] = Counter()
    for parts in shares.values():
        found.update(parts)
    return found


def _eligible(rule: Data, partners: list[str], events: list[Data]) -> Shares:
    """The percentages of what is eligible; the rest stays with who paid it, or with nobody where the pool did."""
    found: Shares = {}
    for service in {e["service"] for e in events}:
        costs = [e for e in events if e["service"] == service]
        whole = sum(minor(e["amount"]) for e in costs if e["cost_class"] in rule["eligible"])
        parts = Counter(hand_out(whole, {p: Fraction(rule["percent"][p]) for p in partners}))
        for e in costs:
            if e["cost_class"] not in rule["eligible"]:
                parts[e.get("partner", "")] += minor(e["amount"])
        found[service] = parts
    return found


def _tariff(rule: Data, partners: list[str], events: list[Data]) -> Shares:
    """Of each service, case and class: min(percent of its cost, cap) is the payer's, the rest the other's."""
    wholes: Counter[tuple[str, str, str, str]] = Counter()
    for e in events:
        payer = e["for"] if rule["payer"] == "for" else rule["payer"]
        wholes[e["service"], e["case"], e["cost_class"], payer] += minor(e["amount"])
    found: Shares = {}
    for (service, _, kind, payer), whole in wholes.items():
        rate = rule["rates"].get(kind, {"percent": 0})
        charge = min(Fraction(rate["percent"]) * whole / 100, Fraction(minor(rate.get("cap_per_case", text(whole)))))
        exact = {p: charge * (p == payer) + (whole - charge) * (p == rule["remainder"]) for p in partners}
        found.setdefault(service, Counter()).update(hand_out(whole, exact))
    return found


def _duration(rule: Data, partners: list[str], events: list[Data]) -> Shares:
    """Each event by the tiers of its days, which go on from the case's days before it."""
    gone: Counter[str] = Counter()
    found: Shares = {}
    for e in events:
        first, gone[e["case"]] = gone[e["case"]] + 1, gone[e["case"]] + e["units"]
        if e["event"] == "opening_units":
            continue
        days = range(first, first + e["units"])
        tiers = [next(t for t in rule["tiers"] if day <= t.get("through_day", day))
                 for day in (days if rule["boundary"] == "exact_day" else [first])]
        weights = {p: sum((Fraction(t["percent"][p]) for t in tiers), Fraction(0)) for p in partners}
        found.setdefault(e["service"], Counter()).update(hand_out(minor(e["amount"]), weights))
    return found


def _unit_price(rule: Data, partners: list[str], events: list[Data]) -> Shares:
    """Per payer and month, all units or none: all where there is no mean, or the mean of the cases is above it."""
    months: dict[tuple[str, str], list[Data]] = {}
    for e in events:
        months.setdefault((e["for"] if rule["payer"] == "for" else rule["payer"], e["date"][:7]), []).append(e)
    found: Shares = {}
    for (payer, _), some in months.items():
        mean = Fraction(sum(e["units"] for e in some), len({e["case"] for e in some}))
        if "free_units_mean" in rule and mean <= Fraction(rule["free_units_mean"]):
            continue
        for service in {e["service"] for e in some}:
            charge = half_up(sum(e["units"] for e in some if e["service"] == service) * Fraction(minor(rule["price"])))
            found.setdefault(service, Counter()).update({payer: charge})
            found[service].subtract({rule["payee"]: charge})
    return found


READINGS = {"fixed": _eligible, "tariff": _tariff, "duration": _duration, "unit_price": _unit_price}
