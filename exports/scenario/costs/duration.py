"""Cost rule `duration` in cells: each payment is shared by the tiers on which its case's days stand."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

from allocation.costs.duration import Duration, Tier
from commissioning.scenario.cases import MOST_DAYS, CaseRow
from exports.scenario.costs.given import Cases, Table, cell
from exports.scenario.model import Column, Formula, Ref, Term, Value, plus
from exports.scenario.split import Weight, Weights

_NOTE = ("Each payment stands on the tiers that its case's days have reached; in which parts, the last columns say. A "
         "split by these parts of the tiers' percentages follows on the sheets of splits. Days in the parts of a day "
         "that the inputs have.")
REACHED = 10  # the column of the first tier


def write(at: Cases) -> None:
    terms = cast("Duration", at.one.rule.cost)
    columns = (Column("Number", "whole", 10), Column("Rule", width=30), Column("Service", width=30),
               Column("Case", width=24), Column("Date", width=14), Column("Cost", "whole", 18),
               Column("Days", "whole", 14), Column("Days before", "whole", 14), Column("From day", "whole", 14),
               Column("To day", "whole", 14),
               *(Column(f"On tier {n}", "whole", 14) for n in range(1, _most_tiers(at) + 1)))
    table = at.sheet("Durations", "Payments by how long a case has lasted", _NOTE, columns)
    before = at.so_far.days
    before.update({row.case: at.row(row, "before") for row in at.one.rows if "before" in row.changes})
    for row in at.one.rows:
        if "cost" in row.changes:
            line = _payment(at, terms, table, row, before.get(row.case, 0))
            if row.case:
                before[row.case] = f"{table.sheet.ref(7, line)}+{table.sheet.ref(6, line)}"
    _rising(at, terms)


def _most_tiers(at: Cases) -> int:
    """How many tiers the rule has in that version of the year which has the most."""
    return max(len(one.rule.cost.tiers) for one in at.bench.base.cases if isinstance(one.rule.cost, Duration))


def _payment(at: Cases, terms: Duration, table: Table, row: CaseRow, reached: Term) -> int:
    """A row: how much of one payment stands on each tier; and its split."""
    cost, days = at.row(row, "cost"), at.row(row, "units")
    tiers: list[Value] = [Formula(f"={_on(at, terms, table, n)}") for n, _ in enumerate(terms.tiers)]
    tiers += [None] * (_most_tiers(at) - len(tiers))
    line = table.add(at.one.rule.id, row.service, row.case, row.when, cell(cost), cell(days), cell(reached),
                     Formula(f"=MIN({table.at(7)},{table.at(7)}+{table.at(6)})"),
                     Formula(f"=MAX({table.at(7)},{table.at(7)}+{table.at(6)})"), *tiers)
    parts = [table.sheet.ref(REACHED + n, line) for n, _ in enumerate(terms.tiers)]
    weights = tuple(Weight(p, plus([f"{part}*{_percent(at, n, tier, p)}" for n, (part, tier)
                                    in enumerate(zip(parts, terms.tiers, strict=True), 1) if p in tier.percent]))
                    for p in at.bench.partners if any(p in tier.percent for tier in terms.tiers))
    percents = at.scale("tiers", 1, "percent", next(iter(terms.tiers[0].percent)))
    most = MOST_DAYS * at.row_scale(row, "units") * 100 * percents
    what = f"{at.said}, {row.service}, case {row.case}, {row.when}"
    split = at.bench.splits.split(what, table.sheet.ref(5, line), Weights(weights, most))
    for who, part in split.items():
        at.put(row.service, who, part)
    return line


def _percent(at: Cases, n: int, tier: Tier, who: str) -> Ref:
    return at.own("tiers", n, "percent", who)


def _on(at: Cases, terms: Duration, table: Table, n: int) -> str:
    """How many of a payment's days stand on a tier; without days or by their first one, 1 on the tier of that."""
    first, last = table.at(8), table.at(9)
    lower = at.own("tiers", n, "through_day") if n else None
    upper = at.own("tiers", n + 1, "through_day") if n + 1 < len(terms.tiers) else None
    stands = f"{_up_to(first, last, upper)}-{_up_to(first, last, lower)}" if lower else _up_to(first, last, upper)
    if terms.boundary == "end_of_payment_period":
        return stands
    begins = f"MAX({first},{lower})" if lower else str(first)
    ends = f"MIN({last},{upper})" if upper else str(last)
    return f"IF({first}={last},{stands},MAX({ends}-{begins},0))"


def _up_to(first: Ref, last: Ref, end: Ref | None) -> str:
    """1 where the payment's first day is on the tier that ends there, or on an earlier one."""
    return "1" if end is None else f"IF(OR({first}<{end},AND({first}={last},{first}={end})),1,0)"


def _rising(at: Cases, terms: Duration) -> None:
    """A check: each tier ends later than the one before."""
    ends = ["0", *(str(at.own("tiers", n, "through_day")) for n in range(1, len(terms.tiers)))]
    if len(ends) > 1:
        falls = "+".join(f"IF({high}>{low},0,1)" for low, high in pairwise(ends))
        what = f"{at.one.rule.id}: each tier ends later than the one before"
        at.bench.book.checks.append(("Inputs", what, f"={falls}"))
