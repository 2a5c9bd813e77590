"""Random agreements beyond those of `tests.properties`: every kind of step, groups, units, shared cost."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine

from commissioning import service
from commissioning.agreement.reading import read_agreement
from commissioning.events.reading import read_objects
from commissioning.scenario.base import Base
from commissioning.scenario.books import base_at
from tests.properties.cases import YEAR, Case, Data, Draw, amounts, bases, cases, text

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@st.composite
def wide_cases(draw: Draw) -> Case:
    """A case with more kinds of rules put into it."""
    case: Case = draw(cases(most_versions=2))
    agreement = json.loads(json.dumps(case.agreement))
    events = [dict(event) for event in case.events]
    partners = list(agreement["partners"])
    single = len(agreement["agreements"]) == 1
    if len(partners) > 1 and draw(st.booleans()):
        agreement["groups"] = {"towns": {"members": partners[1:], "shares": draw(_inside(partners[1:]))}}
    for version in agreement["agreements"]:
        for one in version["services"].values():
            if draw(st.integers(0, 2)) == 0:
                one.update(unit="visit", planned_units=draw(st.sampled_from(["1", "7", "250", "12.5"])))
        for place, rule in enumerate(version["rules"]):
            _steps(draw, agreement, version, place, rule, partners)
            for one in (*rule["overspend"], *rule["underspend"]):
                _other_basis(draw, one, partners)
    if single and draw(st.booleans()):
        events += _cost_fund(draw, agreement["agreements"][0], partners)
    events += _activity(draw, agreement, partners)
    if draw(st.integers(0, 2)) == 0:
        events += _faults(draw, agreement, partners)
    return Case(agreement, tuple(events), case.periods)


@st.composite
def _inside(draw: Draw, members: list[str]) -> Data:
    kind = draw(st.sampled_from(["equal", "weight", "fixed", "contribution", "activity", "wide", "wide"]))
    if kind == "wide":
        found: Data = draw(wide_bases(members).filter(lambda one: one.get("else") != "last_agreed"))
        return found
    if kind in ("contribution", "activity"):
        return {"by": kind, "else": "equal"}
    weights = {p: draw(st.integers(1, 50)) for p in members}
    if kind == "fixed":
        rest = 100 - sum([1] * (len(members) - 1))
        return {"by": "fixed", "percent": {p: 1 if i else rest for i, p in enumerate(members)}}
    return {"by": "equal"} if kind == "equal" else {"by": "weight", "values": weights}


@st.composite
def _parties(draw: Draw, partners: list[str]) -> Data:
    """The first partner and the others as a group, perhaps within limits, or with a basis of its own in the group."""
    found: Data = {"by": "parties", "parties": [{"partner": partners[0], "percent": "37.5"},
                                                {"group": "towns", "percent": "62.5"}]}
    if draw(st.integers(0, 2)) == 0:
        found["parties"][1]["within"] = draw(_inside(partners[1:]))
    if draw(st.integers(0, 2)) == 0:
        found["floor"] = {partners[-1]: draw(st.sampled_from(["5", "12.5"]))}
        found["ceiling"] = {partners[0]: draw(st.sampled_from(["30", "45.25", "100/3"]))}
    return found


def _other_basis(draw: Draw, step: Data, partners: list[str]) -> None:
    """Now and then another kind of basis in a step."""
    key = next((key for key in ("share", "owned", "return") if key in step), "")
    if key and draw(st.integers(0, 1)) == 0:
        step[key] = draw(wide_bases(partners))


@st.composite
def wide_bases(draw: Draw, partners: list[str]) -> Data:
    """Kinds of bases that need more than one table, and limits on the simple ones."""
    kind = draw(st.sampled_from(["claims", "formula", "activity", "last_agreed", "limits", "shapley"]))
    numbers = {p: draw(st.integers(0, 50)) for p in partners}
    if kind == "shapley":  # whoever joins adds half of what it costs alone, or all where it costs most
        some = [names for n in range(1, len(partners) + 1) for names in combinations(partners, n)]
        alone = {p: 6 * (n + 1) for p, n in numbers.items()}
        return {"by": "shapley", "costs": {"+".join(names): (max(alone[p] for p in names) + sum(
            alone[p] for p in names)) // 2 for names in some}}
    if kind == "claims":
        return {"by": "claims", "rule": draw(st.sampled_from(["proportional", "cea", "cel", "talmud"])),
                "claims": {p: text(draw(st.integers(1, 5) | st.integers(1_000, 2_000_000))) for p in partners}}
    if kind == "formula":
        numbers[partners[0]] += 1
        parts = draw(st.sampled_from([["1"], ["0.75", "0.25"], ["1/3", "2/3"]]))
        return {"by": "formula", "base": text(draw(st.sampled_from([0, 100, 20_000]))), "scale_base": "true",
                "indicators": [{"name": f"table {k}", "weight": part, "values": {
                    p: str(n + 1000 * k if k else n) for p, n in numbers.items()}} for k, part in enumerate(parts)]}
    if kind == "activity":
        found: Data = {"by": "activity", "unit": "visit", "else": "equal"}
        if draw(st.booleans()):
            whole = sum(numbers.values()) or 1
            found["estimate"] = {p: f"{100 * n}/{whole}" for p, n in numbers.items()} if any(numbers.values()) else {
                partners[0]: 100}
            found["tolerance_points"] = draw(st.sampled_from(["0", "5", "12.5"]))
        if draw(st.booleans()):
            found["round_percent"] = draw(st.integers(0, 2))
        return found
    if kind == "last_agreed":
        return {"by": "contribution", "measure": draw(st.sampled_from(["planned", "paid"])), "else": "last_agreed"}
    found = draw(st.sampled_from([{"by": "equal"}, {"by": "contribution", "else": "equal"},
                                  {"by": "activity", "else": "equal"},
                                  {"by": "weight", "values": {p: n + 1 for p, n in numbers.items()}}]))
    limits = {p: draw(st.integers(0, 100 // len(partners))) for p in partners if draw(st.booleans())}
    return {**found, **({"floor": limits} if limits else {}),
            "ceiling": {p: draw(st.sampled_from(["60", "75.5", "90"])) for p in partners[1:]}}


def _activity(draw: Draw, agreement: Data, partners: list[str]) -> list[Data]:
    """Units used of the first version's services."""
    services = list(agreement["agreements"][0]["services"])
    return [{"event": "activity", "reference": f"A-{i}", "date": f"{YEAR}-05-10", "units": draw(
        st.sampled_from(["1", "3", "7.5", "40"])), "partner": draw(st.sampled_from(partners)),
        "service": draw(st.sampled_from(services))} for i in range(draw(st.integers(0, 4)))]


def _steps(draw: Draw, agreement: Data, version: Data, place: int, rule: Data, partners: list[str]) -> None:
    """Puts further steps at the front of a rule's lists, where something is left for them."""
    later = {s for other in version["rules"][place + 1:] for s in _covered(version, other) if _shared(version, s)}
    partner = draw(st.sampled_from(partners))
    limit = {"up_to": text(draw(amounts))}
    over: list[Data] = [{"recover": {"plan": text(draw(amounts))}}, {"fault": "recorded"},
                        {"repay": {"partner": partner, "years": 3}, **limit}]
    if later:
        over += [{"offset": {"services": sorted(later)}}, {"offset": {"services": sorted(later)[:1]}, **limit}]
    others = draw(st.sampled_from(["10%", "2.50", "100/3%"]))
    under: list[Data] = [{"carry_forward": {"services": [next(iter(version["services"]))]}, **limit},
                         {"gain_after": {"partner": partner, "others": others}, **limit}]
    if "groups" in agreement:
        parties = draw(_parties(partners))
        caps = {p: text(draw(amounts)) for p in partners if draw(st.booleans())}
        over += [{"share": parties, **limit}, {"share": parties, "caps": caps, **limit}]
        under.append({"return": parties, **limit})
    if draw(st.booleans()):
        version["outcomes"] = [{"id": "falls", "service": next(iter(version["services"])), "indicator": "falls",
                                "better": "lower", "baseline": "10", "value_per_unit": "1.00",
                                "gains": {partners[0]: 100}}]
        under.append({"performance": {"outcome": "falls", "price": "3.10", "pot": text(draw(amounts)), "to": partner}})
    rule["overspend"] = draw(st.lists(st.sampled_from(over), max_size=2)) + rule["overspend"]
    rule["underspend"] = draw(st.lists(st.sampled_from(under), max_size=2)) + rule["underspend"]


def _shared(version: Data, service: str) -> bool:
    """Whether partners share the variance of a service: an offset may use no other's."""
    terms = version["services"][service]
    kept = "shared" if version["funds"][terms["fund"]]["kind"] == "pooled" else "own"
    return bool(terms.get("line", kept) == "shared")


def _covered(version: Data, rule: Data) -> list[str]:
    applies = rule["applies_to"]
    if applies.get("services"):
        return list(applies["services"])
    named = {s for other in version["rules"] for s in other["applies_to"].get("services", [])}
    return [s for s, terms in version["services"].items() if terms["fund"] == applies["fund"] and s not in named]


def _cost_fund(draw: Draw, version: Data, partners: list[str]) -> list[Data]:
    """A fund that shares its cost, perhaps only of one class, and its events."""
    _fund_of_costs(draw, version, partners)
    if draw(st.integers(0, 3)):
        return _by_case(draw, version, partners, draw(st.sampled_from(["tariff", "duration", "unit_price"])))
    cost: Data = draw(bases(partners) | wide_bases(partners))
    if draw(st.booleans()):
        cost["eligible"] = ["staff"]
    version["rules"].append({"id": "costs-rule", "applies_to": {"fund": "costs"}, "cost": cost})
    return [{"event": "expenditure", "reference": f"C-{i}", "date": f"{YEAR}-0{draw(st.integers(4, 9))}-10",
             "service": draw(st.sampled_from(["ward", "clinic"])), "amount": text(draw(amounts)),
             "cost_class": draw(st.sampled_from(["staff", "travel"])),
             **({"partner": draw(st.sampled_from(partners))} if draw(st.booleans()) else {})}
            for i in range(draw(st.integers(0, 4)))]


def _fund_of_costs(draw: Draw, version: Data, partners: list[str]) -> None:
    version["funds"]["costs"] = {"kind": "pooled", "host": partners[0]}
    version["services"]["ward"] = {"fund": "costs", "lead": partners[0], "budget": text(draw(amounts))}
    version["services"]["clinic"] = {"fund": "costs", "lead": partners[0], "budget": text(draw(amounts))}
    version["contributions"] += [{"fund": "costs", "partner": p, "source": "advance", "amount": text(draw(amounts))}
                                 for p in partners]


@st.composite
def case_agreements(draw: Draw, kind: str, most_versions: int = 1) -> Case:
    """Agreements with a fund whose cost is shared case by case, by a rule of a kind."""
    case: Case = draw(cases(most_versions=most_versions))
    agreement = json.loads(json.dumps(case.agreement))
    partners, versions = list(agreement["partners"]), agreement["agreements"]
    for version in versions:
        _fund_of_costs(draw, version, partners)
    events = _by_case(draw, versions[0], partners, kind)
    for version in versions[1:]:
        version["rules"].append(json.loads(json.dumps(versions[0]["rules"][-1])))
    return Case(agreement, (*case.events, *events), case.periods)


@st.composite
def running_on(draw: Draw, kind: str) -> Case:
    """Two versions with terms of their own, of which the second begins amid the cases."""
    case: Case = draw(case_agreements(kind))
    agreement = json.loads(json.dumps(case.agreement))
    first, partners = agreement["agreements"][0], list(agreement["partners"])
    second = json.loads(json.dumps(first))
    second.update(id="second", effective=f"{YEAR}-{draw(st.sampled_from(['05-01', '05-11', '06-10']))}", signed=None)
    second["rules"][-1]["cost"] = draw(case_rules(partners, kind))
    if draw(st.integers(0, 5)) == 0:  # its cost is shared otherwise from then on
        second["rules"][-1]["cost"] = draw(bases(partners))
    agreement["agreements"].append(second)
    return Case(agreement, case.events, case.periods)


def _by_case(draw: Draw, version: Data, partners: list[str], kind: str) -> list[Data]:
    """A rule that looks at cases, and its events: payments and refunds of few cases, so that days and caps add up."""
    cost = draw(case_rules(partners, kind))
    version["rules"].append({"id": "costs-rule", "applies_to": {"fund": "costs"}, "cost": cost})
    events: list[Data] = []
    for i in range(draw(st.integers(0, 8))):
        one = draw(st.sampled_from(["expenditure", "expenditure", "expenditure", "refund", "activity"]))
        units = draw(st.sampled_from(["1", "10", "31", "0.5", "2.25"] + (["0"] if cost["by"] == "unit_price" else [])))
        event = {"event": one, "reference": f"C-{i}", "date": f"{YEAR}-0{draw(st.integers(4, 6))}-10", "case": draw(
            st.sampled_from(["c1", "c2", "=c3"])), "service": draw(st.sampled_from(["ward", "clinic"])), "units": units}
        if one == "activity":
            event.update({"for": draw(st.sampled_from(partners)), "partner": partners[0]})
        else:
            event.update({"amount": text(draw(amounts)), "for": draw(st.sampled_from(partners)),
                          "cost_class": draw(st.sampled_from(["staff", "beds", "travel"]))})
        events.append(event)
    if events and draw(st.integers(0, 3)) == 0:
        events.append({"event": "reversal", "reference": "C-X", "date": f"{YEAR}-07-01", "against": "C-0"})
    if cost["by"] == "duration" and draw(st.booleans()):
        events.append({"event": "opening_units", "reference": "C-O", "date": f"{YEAR}-04-01", "case": "c1",
                       "service": "ward", "units": draw(st.sampled_from(["5", "40"]))})
    return events


@st.composite
def case_rules(draw: Draw, partners: list[str], kind: str) -> Data:
    """A tariff, tiers of days, or a price for each unit."""
    payer, other = draw(st.sampled_from(["for", *partners])), draw(st.sampled_from(partners))
    if kind == "tariff":
        rates = {name: {"percent": draw(st.sampled_from(["0", "12.5", "50", "56", "100/3", "100"])), **(
            {"cap_per_case": text(draw(amounts))} if draw(st.booleans()) else {})} for name in ("staff", "beds")}
        return {"by": "tariff", "payer": payer, "remainder": other, "rates": rates}
    if kind == "unit_price":
        free = {"free_units_mean": draw(st.sampled_from(["0", "3", "2.5", "10"]))} if draw(st.booleans()) else {}
        return {"by": "unit_price", "price": text(draw(amounts)), "payer": payer, "payee": other, **free}
    ends = draw(st.sampled_from([[], [20], [1, 40], [10.5, 11, 60]]))
    tiers = []
    for end in [*ends, None]:
        part = draw(st.sampled_from(["0", "33.3", "50", "100"]))
        rest = f"{1000 - round(10 * Decimal(part))}/10"
        percent = {other: "100"} if len(partners) == 1 else {partners[0]: part, partners[-1]: rest}
        tiers.append({"percent": percent, **({} if end is None else {"through_day": str(end)})})
    return {"by": "duration", "boundary": draw(st.sampled_from(["exact_day", "end_of_payment_period"])), "tiers": tiers}


def _faults(draw: Draw, agreement: Data, partners: list[str]) -> list[Data]:
    service_name = draw(st.sampled_from(list(agreement["agreements"][0]["services"])))
    return [{"event": "fault", "reference": "F-1", "date": f"{YEAR}-06-10", "service": service_name,
             "partner": draw(st.sampled_from(partners)), "amount": text(draw(st.integers(1, 300)))}]


def base_of(engine: Engine, case: Case) -> Base:
    """The base of a random case's first year. Raises what the engine raises."""
    content = json.dumps(case.agreement)
    agreement = read_agreement(content)
    with engine.connect() as conn:
        book = service.apply(conn, content, "agreement.yaml", NOW).book
        read, faults = read_objects(case.events, "GBP")
        assert not faults, faults
        year = agreement.calendar.year(YEAR)
        read = [event for event in read if event.date <= year.ends]
        known: set[Any] = {event.reference for event in read}
        read = [event for event in read if not event.against or event.against in known]
        service.import_events(conn, book, read, NOW)
        service.reach(conn, book, agreement, [year.ends])
        return base_at(conn, book, f"FY{YEAR}")
