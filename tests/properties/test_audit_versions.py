"""Two versions of an agreement in one year, with virements and faults, against a plain reading of AGREEMENTS 2.2, 2.7.

The reading knows the formulas alone; its waterfall is the oracle's, with the limits that go from version to version.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.properties.cases import YEAR, Case, cases, minor, text
from tests.properties.oracle import _Fall, half_up
from tests.properties.running import ran

Data = dict[str, Any]
FIRST, LAST = dt.date(YEAR, 4, 1), dt.date(YEAR + 1, 3, 31)
DAYS = (LAST - FIRST).days + 1


@dataclass
class _Continued(_Fall):
    """A waterfall that goes on where an earlier version of the year left off, by list and position."""

    used: dict[tuple[str, int], tuple[int, int, dict[str, int]]] = field(default_factory=dict)
    place: tuple[str, int] = ("", 0)

    def run(self, size: int, side: str, steps: list[Data]) -> int:
        rest = size
        for i, step in enumerate(steps):
            seen, taken, borne = self.used.get((side, i), (0, 0, {}))
            room, self.place = rest, (side, i)
            if "up_to" in step:
                room = min(room, max(self.limit(step["up_to"], self.budget) - taken, 0))
            if "until_variance" in step:
                room = min(room, max(minor(step["until_variance"]) - seen - (size - rest), 0))
            before = dict(self.borne)
            took = self.take(step, room) if room else 0
            gained = {p: borne.get(p, 0) + self.borne.get(p, 0) - before.get(p, 0) for p in self.partners}
            self.used[side, i] = (seen + size, taken + took, gained)
            rest -= took
        return rest

    def share(self, step: Data, room: int) -> int:
        """Each cap is the year's: what it bore by this step before is gone from it."""
        _, _, borne = self.used.get(self.place, (0, 0, {}))
        caps = {p: text(max(self.limit(cap, self.c[p]) - borne.get(p, 0), 0))
                for p, cap in step.get("caps", {}).items()}
        return super().share({**step, **({"caps": caps} if caps else {})}, room)


def _budget(service: Data, moved: int, window: tuple[dt.date, dt.date], date: dt.date, ends: list[dt.date]) -> int:
    """The plan to date by days; of a list profile by days within each period."""
    def plan(until: dt.date) -> Fraction:
        last = min(until, window[1])
        if "profile" not in service:
            return Fraction(minor(service["budget"]) * ((last - window[0]).days + 1), DAYS)
        found, starts = Fraction(0), FIRST
        for amount, end in zip(service["profile"], ends, strict=True):
            days = (min(last, end) - max(window[0], starts)).days + 1
            found += Fraction(minor(amount) * max(days, 0), (end - starts).days + 1)
            starts = end + dt.timedelta(days=1)
        return found

    whole = plan(window[1])
    part = plan(date) / whole if whole else Fraction((min(date, window[1]) - window[0]).days + 1,
                                                     (window[1] - window[0]).days + 1)
    return half_up(plan(date) + moved * part)


def expected(case: Case, date: dt.date, ends: list[dt.date]) -> tuple[dict[str, int], Data, dict[str, int]]:
    """Shares of variance by partner, reserves by origin, and what is parked, at the end of a period."""
    agreement, partners = case.agreement, case.partners
    change = dt.date.fromisoformat(case.versions[1]["effective"])
    windows = [(FIRST, change - dt.timedelta(days=1)), (change, LAST)]
    borne, parked = dict.fromkeys(partners, 0), {"contested": 0, "unallocated": 0}
    held = {r: {p: minor(t["opening"].get(p, "0")) for p in partners} for r, t in agreement["reserves"].items()}
    used: Data = {}
    events = [e for e in case.events if e["date"] <= date.isoformat()]
    received = {p: sum(minor(e["amount"]) for e in events if e["event"] in ("contribution", "in_kind")
                       and e["partner"] == p) for p in partners}
    for terms, window in zip(case.versions, windows, strict=True):
        if window[0] > date:
            break
        here = [e for e in events if window[0].isoformat() <= e["date"] <= window[1].isoformat()]
        lines = [one for one in terms["contributions"] if one["kind"] != "user_charge"]
        c = {p: sum(minor(one["amount"]) for one in lines if one["partner"] == p) for p in partners}
        in_fund = [p for p in partners if any(one["partner"] == p for one in terms["contributions"])] or partners
        over, budget = 0, 0
        for name, service in terms["services"].items():
            mine = [e for e in here if e.get("service") == name]
            moved = sum(minor(e["amount"]) for e in mine if e["event"] == "virement")
            cost = sum(minor(e["amount"]) * (-1 if e["event"] == "refund" else 1) for e in mine
                       if e["event"] in ("expenditure", "in_kind", "refund"))
            left = cost - _budget(service, moved, window, date, ends)
            for fault in (e for e in mine if e["event"] == "fault"):
                borne[fault["partner"]] += minor(fault["amount"])
                left -= minor(fault["amount"])
            line = service.get("line") or "shared"
            if line == "shared":
                over, budget = over + left, budget + minor(service["budget"]) + moved
            else:
                borne[service["lead"] if line == "own" else terms["funds"]["core"]["host"]] += left
        side, sign = ("overspend", 1) if over >= 0 else ("underspend", -1)
        fall = _Continued(partners, in_fund, c, received, held, budget, used=used)
        steps = terms["rules"][0][side] if terms["rules"] and over else []
        parked["unallocated"] += sign * fall.run(abs(over), side, steps)
        parked["contested"] += sign * fall.contested
        for partner, amount in fall.borne.items():
            borne[partner] += sign * amount
    return borne, held, parked


@st.composite
def two_versions(draw: Any) -> Case:
    """One fund and two versions; expenditure, refunds, gifts, faults, and a virement in each version."""
    case = draw(cases(most_versions=2).filter(lambda one: len(one.versions) == 2))
    per_year = 4 if "Q" in case.periods[0] else 12
    for terms in case.versions:
        terms["funds"] = {"core": {**terms["funds"]["core"], "balance": "hold"}}
        terms["funds"]["core"].pop("planned_reserve", None)
        terms["services"] = {s: t for s, t in terms["services"].items() if t["fund"] == "core"}
        terms["contributions"] = [
            {key: value for key, value in one.items() if key not in ("services", "from", "prorate", "part_year_months")}
            for one in terms["contributions"] if one["fund"] == "core" and "partner" in one]
        terms["rules"] = [one for one in terms["rules"] if one["id"] == "core-rule"]
        for key in ("leavers", "joiners"):
            terms.pop(key, None)
    if not any(one["rules"] for one in case.versions):
        case.versions[0]["rules"] = [{"id": "core-rule", "applies_to": {"fund": "core"},
                                      "overspend": [{"share": {"by": "equal"}}], "underspend": []}]
    kinds = ("expenditure", "refund", "in_kind", "contribution")
    kept = [e for e in case.events if e["date"] <= LAST.isoformat() and e["event"] in kinds
            and e.get("service", "core-1").startswith("core") and e.get("fund", "core") == "core"]
    return Case(case.agreement, (*kept, *draw(told(case))), case.periods[:per_year])


@st.composite
def told(draw: Any, case: Case) -> list[Data]:
    """A fault and a virement now and then."""
    names = list(case.versions[0]["services"])
    days = st.dates(FIRST, LAST).map(dt.date.isoformat)
    found: list[Data] = [
        {"event": "fault", "reference": f"F-{i}", "date": draw(days), "service": draw(st.sampled_from(names)),
         "partner": draw(st.sampled_from(case.partners)), "amount": text(draw(st.integers(1, 99_999)))}
        for i in range(draw(st.integers(0, 3)))]
    for i in range(draw(st.integers(0, 2)) if len(names) > 1 else 0):
        amount, day = draw(st.integers(1, 9_999)), draw(days)
        found += [{"event": "virement", "reference": f"V-{i}", "date": day, "service": name, "amount": text(part)}
                  for name, part in zip(names, (amount, -amount), strict=False)]
    return found


@given(case=two_versions())
@settings(max_examples=80)
def test_two_versions_in_a_year_come_to_what_the_formulas_say(books: Engine, case: Case) -> None:
    with ran(books, case) as run:
        statements = run.statements()
        ends = [dt.date.fromisoformat(one["period"]["to"]) for one in statements]
        for date, statement in zip(ends, statements, strict=True):
            borne, held, parked = expected(case, date, ends)
            assert {p: minor(one["share_of_variance"]) for p, one in statement["partners"].items()} == borne
            assert {r: {p: minor(b) for p, b in one["by_partner"].items()}
                    for r, one in statement["reserves"].items()} == held
            assert {column: minor(statement[column]) for column in parked} == parked
