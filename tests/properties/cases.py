"""Random agreements and events that Poolbook accepts, as plain data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

NAMES = ("ash", "birch", "cedar", "damson", "elm")
FUNDS = ("core", "carers", "meals")
YEAR = 2023  # its last day is in a leap year
Draw = Any
Data = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An agreement and its events, both as plain data, and the names of the periods to close."""

    agreement: Data
    events: tuple[Data, ...]
    periods: tuple[str, ...]

    def __repr__(self) -> str:
        import json
        return f"Case(\n{json.dumps(self.agreement)},\n{json.dumps(self.events)},\n{self.periods})"

    @property
    def partners(self) -> list[str]:
        return list(self.agreement["partners"])

    @property
    def versions(self) -> list[Data]:
        return list(self.agreement["agreements"])

    @property
    def settles_each_period(self) -> bool:
        return bool(self.agreement["partnership"]["settle"] == "period")


def text(minor: int) -> str:
    """Minor units of a currency with two decimals as an amount."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def minor(amount: str) -> int:
    """The other way round."""
    whole, _, part = amount.lstrip("-").partition(".")
    size = int(whole) * 100 + int(part or 0)
    return -size if amount.startswith("-") else size


amounts = st.one_of(st.integers(1, 300), st.integers(1, 1_000_000), st.sampled_from([100, 10_000, 33_333, 1_000_000]))


@st.composite
def bases(draw: Draw, partners: list[str]) -> Data:
    """A share basis that can always be worked out."""
    kind = draw(st.sampled_from(["contribution", "contribution", "equal", "fixed", "weight"]))
    found: Data = {"by": kind}
    if kind == "contribution":
        found["else"] = "equal"
        if draw(st.booleans()):
            found["measure"] = draw(st.sampled_from(["planned", "paid"]))
        if draw(st.integers(0, 3)) == 0:
            found["round_percent"] = draw(st.integers(0, 2))
        return found
    if kind == "equal":
        return found
    weights = {p: draw(st.integers(1, 50)) for p in partners}
    if kind == "weight":
        found["values"] = weights
        if draw(st.booleans()):
            found["times"] = [{p: draw(st.sampled_from(["0.5", "1", "1.25", "2/3"])) for p in partners}]
    else:
        total = sum(weights.values())
        found["percent"] = {p: f"{100 * w}/{total}" for p, w in weights.items()}
    if len(partners) > 1 and draw(st.integers(0, 3)) == 0:
        one, other = draw(st.permutations(partners))[:2]
        found["floor"] = {one: draw(st.integers(0, 25))}
        found["ceiling"] = {other: draw(st.integers(55, 90))}
    return found


@st.composite
def limits(draw: Draw) -> str:
    """An amount, or a percentage."""
    if draw(st.booleans()):
        return text(draw(amounts))
    return f"{draw(st.sampled_from(['0', '0.5', '2', '12.5', '100/3', '100']))}%"


@st.composite
def step(draw: Draw, side: str, partners: list[str], reserves: list[str]) -> Data:
    """One step of a waterfall."""
    kinds = ["absorb", "share", "share"] + (["return", "return"] if side == "underspend" else [])
    if reserves:
        kinds.append("reserve" if side == "overspend" else "to_reserve")
    kind = draw(st.sampled_from(kinds))
    found: Data = {}
    if kind == "absorb":
        found["absorb"] = {"partner": draw(st.sampled_from(partners))}
    elif kind == "reserve":
        found["reserve"] = draw(st.sampled_from(reserves))
    elif kind == "to_reserve":
        found.update(to_reserve=draw(st.sampled_from(reserves)), owned=draw(bases(partners)))
    elif kind == "return":
        found["return"] = draw(bases(partners))
        if draw(st.booleans()):
            found["ring_fenced_first"] = "true"
    else:
        found["share"] = draw(bases(partners))
        if draw(st.booleans()):
            capped = draw(st.lists(st.sampled_from(partners), unique=True, min_size=1))
            found["caps"] = {p: draw(limits()) for p in capped}
            found["excess"] = draw(st.sampled_from(["others", "dispute", {"partner": partners[0]}]))
        if draw(st.integers(0, 2)) == 0:
            found["until_variance"] = text(draw(amounts))
    if draw(st.booleans()):
        found["up_to"] = draw(limits())
    return found


@st.composite
def waterfall(draw: Draw, side: str, partners: list[str], reserves: list[str]) -> list[Data]:
    """Up to four steps; now and then the rest is contested in the end."""
    steps = draw(st.lists(step(side, partners, reserves), min_size=1, max_size=4))
    tiers = sorted((s["until_variance"] for s in steps if "until_variance" in s), key=minor)
    for one in steps:  # tiers rise
        if "until_variance" in one:
            one["until_variance"] = tiers.pop(0)
    return steps + ([{"dispute": "rest"}] if draw(st.integers(0, 3)) == 0 else [])


@st.composite
def services(draw: Draw, fund: str, count: int, partners: list[str], periods: int) -> Data:
    """Services of a fund, by name."""
    found: Data = {}
    for i in range(count):
        profile = draw(st.one_of(st.none(), st.lists(st.integers(0, 50_000), min_size=periods, max_size=periods)))
        budget = sum(profile) if profile else draw(st.one_of(st.just(0), amounts))
        one: Data = {"fund": fund, "budget": text(budget), "lead": draw(st.sampled_from(partners))}
        if profile:
            one["profile"] = [text(amount) for amount in profile]
        line = draw(st.sampled_from([None, None, "shared", "own", "host_bears"]))
        if line:
            one["line"] = line
        found[f"{fund}-{i + 1}"] = one
    return found


@st.composite
def lines(draw: Draw, fund: str, partners: list[str], own_services: list[str]) -> list[Data]:
    """Contribution lines of a fund; some partners may have none."""
    found: list[Data] = []
    for partner in draw(st.lists(st.sampled_from(partners), min_size=1, max_size=len(partners) + 1)):
        one: Data = {"fund": fund, "partner": partner, "source": f"source {len(found) + 1}",
                     "amount": text(draw(st.one_of(st.just(0), amounts))),
                     "kind": draw(st.sampled_from(["cash", "cash", "cash", "in_kind", "grant", "user_charge"])),
                     "instalments": draw(st.sampled_from(["annual", "quarterly", "monthly"]))}
        if draw(st.integers(0, 3)) == 0:
            one["services"] = draw(st.lists(st.sampled_from(own_services), unique=True, min_size=1))
        part = draw(st.integers(0, 7))
        if part == 0:
            one["from"] = dt.date(YEAR, 4, 1).replace(month=draw(st.integers(4, 12))).isoformat()
            one["prorate"] = draw(st.sampled_from(["none", "days", "months"]))
        elif part == 1:
            one["part_year_months"] = draw(st.integers(0, 12))
        found.append(one)
    if draw(st.integers(0, 4)) == 0:
        found.append({"fund": fund, "source": "derived", "total": text(draw(amounts)),
                      "by": draw(bases(partners).filter(lambda b: b["by"] != "contribution"))})
    return found


@st.composite
def version(draw: Draw, partners: list[str], kinds: dict[str, str], counts: dict[str, int], reserves: list[str],
            periods: int) -> Data:
    """One version of an agreement; versions of one case have the same funds, services and rules' ids."""
    found: Data = {"funds": {}, "contributions": [], "services": {}, "rules": []}
    for fund, kind in kinds.items():
        terms: Data = {"kind": kind, "host": draw(st.sampled_from(partners))}
        if kind == "pooled":
            terms["balance"] = draw(st.sampled_from(["hold", "share"]))
        found["funds"][fund] = terms
        own = draw(services(fund, counts[fund], partners, periods))
        found["services"].update(own)
        if draw(st.integers(0, 5)):
            found["contributions"] += draw(lines(fund, partners, list(own)))
    if "general" in reserves and draw(st.integers(0, 3)) == 0:
        found["funds"]["core"]["planned_reserve"] = {"general": text(draw(amounts))}
    for fund in kinds:
        if draw(st.integers(0, 7)) == 0:
            continue  # no rule: what varies is unallocated
        found["rules"].append({"id": f"{fund}-rule", "applies_to": {"fund": fund},
                               "overspend": draw(waterfall("overspend", partners, reserves)),
                               "underspend": draw(waterfall("underspend", partners, reserves))})
    if counts["core"] > 1 and draw(st.booleans()):
        named = [f"core-{counts['core']}"]  # a rule that names a service goes before its fund's
        found["rules"].append({"id": "named-rule", "applies_to": {"services": named},
                               "overspend": draw(waterfall("overspend", partners, reserves)),
                               "underspend": draw(waterfall("underspend", partners, reserves))})
    return found


@st.composite
def comings_and_goings(draw: Draw, second: Data, partners: list[str], reserves: list[str]) -> Data:
    """Partners without a line that have left, and others that buy into reserves."""
    giving = {one.get("partner") for one in second["contributions"]}
    derived = any("total" in one for one in second["contributions"])
    gone = [p for p in partners[1:] if p not in giving and not derived and draw(st.booleans())]
    found: Data = {"leavers": {p: {"reserves": draw(st.sampled_from(["paid_out", "left"]))} for p in gone}}
    found["joiners"] = {p: {"reserves": {r: text(draw(amounts)) for r in reserves if draw(st.booleans())}}
                        for p in partners if p not in gone and draw(st.integers(0, 4)) == 0}
    return found


@st.composite
def agreements(draw: Draw, *, most_versions: int = 2) -> Data:
    """A whole agreement of one to five partners, one to three funds, one or two versions."""
    partners = list(NAMES[:draw(st.integers(1, 5))])
    funds = FUNDS[:draw(st.integers(1, 3))]
    kinds = {fund: "pooled" if fund == "core" else draw(st.sampled_from(["pooled", "pooled", "aligned"]))
             for fund in funds}
    counts = {fund: draw(st.integers(1, 3)) for fund in funds}
    reserves = ["general", "second"][:draw(st.integers(0, 2))]
    by_month = draw(st.integers(0, 3)) == 0
    periods = 12 if by_month else 4
    made = [draw(version(partners, kinds, counts, reserves, periods))]
    made[0].update(id="first", effective=f"{YEAR}-04-01", signed=f"{YEAR}-03-01")
    if most_versions > 1 and draw(st.integers(0, 2)) == 0:
        made.append(draw(version(partners, kinds, counts, reserves, periods)))
        day = draw(st.dates(dt.date(YEAR, 4, 2), dt.date(YEAR + 1, 3, 31)))
        made[1].update(id="second", effective=day.isoformat(), signed=None)
        made[1].update(draw(comings_and_goings(made[1], partners, reserves)))
    return {"poolbook": "1",
            "partnership": {"id": "random", "name": "Random", "currency": "GBP", "year_starts": "04-01",
                            "periods": "month" if by_month else "quarter",
                            "settle": draw(st.sampled_from(["year_end", "period"]))},
            "partners": {p: {"name": p.title()} for p in partners},
            "reserves": {r: {"fund": "core", "opening": {p: text(draw(st.integers(0, 50_000))) for p in partners
                                                         if draw(st.booleans())}} for r in reserves},
            "agreements": made}


@st.composite
def events(draw: Draw, agreement: Data, years: int) -> list[Data]:
    """Events of one or two years; corrections name an earlier one."""
    partners, first = list(agreement["partners"]), agreement["agreements"][0]
    found: list[Data] = []
    last = dt.date(YEAR + years, 3, 31)
    kinds = ["expenditure"] * 5 + ["contribution"] * 2 + [
        "in_kind", "user_charge", "income", "refund", "forecast", "reversal", "reversal", "settlement", "payment"]
    count = draw(st.integers(0, 14))
    for i in range(count):
        kind = draw(st.sampled_from(kinds))
        one: Data = {"event": kind, "reference": f"E-{i}", "amount": text(draw(amounts)),
                     "date": draw(st.dates(dt.date(YEAR, 4, 1), last)).isoformat()}
        if kind in ("expenditure", "in_kind", "user_charge", "refund", "forecast"):
            one["service"] = draw(st.sampled_from(list(first["services"])))
        else:
            one["fund"] = draw(st.sampled_from([f for f, t in first["funds"].items() if t["kind"] == "pooled"]))
        if kind in ("contribution", "in_kind", "settlement") or (
                kind in ("expenditure", "user_charge", "income", "refund") and draw(st.booleans())):
            one["partner"] = draw(st.sampled_from(partners))
        if kind == "settlement":
            one["source"] = f"FY{YEAR}-Q4" if agreement["partnership"]["periods"] == "quarter" else f"FY{YEAR}-M12"
            one["amount"] = draw(st.sampled_from(["", "-"])) + one["amount"]
        if kind == "forecast":
            one["reference"] = f"{one['service']} {one['date']}"  # one forecast a service and day
        if kind == "reversal":
            done = {e.get("against") for e in found}
            open_ = [e for e in found if e["event"] != "reversal" and e["reference"] not in done]
            if not open_:
                continue
            undone = draw(st.sampled_from(open_))
            day = draw(st.dates(dt.date.fromisoformat(undone["date"]), last))
            one = {"event": kind, "reference": f"E-{i}", "against": undone["reference"], "date": day.isoformat()}
        if all(e["reference"] != one["reference"] for e in found):
            found.append(one)
    return found


@st.composite
def cases(draw: Draw, *, most_versions: int = 2) -> Case:
    """An agreement with events, and all periods of the years in which they lie."""
    agreement = draw(agreements(most_versions=most_versions))
    years = draw(st.sampled_from([1, 1, 2]))
    letter, count, wide = ("Q", 4, 1) if agreement["partnership"]["periods"] == "quarter" else ("M", 12, 2)
    periods = tuple(f"FY{YEAR + y}-{letter}{i + 1:0{wide}d}" for y in range(years) for i in range(count))
    return Case(agreement, tuple(draw(events(agreement, years))), periods)


@st.composite
def changed_cases(draw: Draw) -> tuple[Case, Data]:
    """A case of one year, and another agreement about the same funds, services, partners and reserves."""
    case = draw(cases(most_versions=1).filter(lambda one: len(one.periods) <= 12 and not one.periods[-1].startswith(
        f"FY{YEAR + 1}")))
    first = case.versions[0]
    kinds = {fund: terms["kind"] for fund, terms in first["funds"].items()}
    counts = {fund: sum(s["fund"] == fund for s in first["services"].values()) for fund in kinds}
    periods = 12 if case.agreement["partnership"]["periods"] == "month" else 4
    other = draw(version(case.partners, kinds, counts, list(case.agreement["reserves"]), periods))
    other.update(id="first", effective=first["effective"], signed=first["signed"])
    return case, {**case.agreement, "agreements": [other]}
