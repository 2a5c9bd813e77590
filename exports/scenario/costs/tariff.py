"""Cost rule `tariff` in cells: of each case's cost a percentage, at most the cap; the remainder is another's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import cast

from allocation.cost import UNALLOCATED
from allocation.costs.tariff import Tariff
from commissioning.scenario_cases import CaseRow
from exports.scenario.costs.given import Cases, Table, cell
from exports.scenario.exact import Part
from exports.scenario.model import Column, Formula, Ref, Term, plus

_COLUMNS = (Column("Number", "whole", 10), Column("Rule", width=30), Column("Service", width=30),
            Column("Case", width=24), Column("Class", width=20), Column("Payer", width=24), Column("Cost", "whole", 18),
            Column("Cost of the case", "whole", 18), Column("Tariff", "whole", 14),
            Column("Tariff of", "whole", 14), Column("Cap", "whole", 18),
            Column("Percentage, rounded up", "whole", 18), Column("Cap reached: 1", "whole", 12),
            Column("Payer bears", "whole", 18), Column("Remainder", "whole", 18))
_NOTE = ("Each case and class of cost in the year: the payer bears the tariff, at most the cap, rounded to the nearest "
         "penny; the remainder is the rest. Where several pay for one case, Quotas divides among them.")


def write(at: Cases) -> None:
    terms = cast("Tariff", at.one.rule.cost)
    table = at.sheet("Tariffs", "Tariffs by case", _NOTE, _COLUMNS)
    for _, some in groupby(at.one.rows, key=lambda row: (row.service, row.case, row.cost_class)):
        _case(at, terms, table, list(some))


def _case(at: Cases, terms: Tariff, table: Table, rows: list[CaseRow]) -> None:
    """One case and class: a row for each payer."""
    kind = rows[0].cost_class
    rate: Term = at.own("rates", kind, "percent") if kind in terms.rates else 0
    under = 100 * at.scale("rates", kind, "percent") if kind in terms.rates else 100
    capped = kind in terms.rates and terms.rates[kind].cap_per_case is not None
    costs = [at.row(row, "cost") for row in rows]
    parts = _several(at, terms, table, rows, under) if len(rows) > 1 else {}
    for row, cost in zip(rows, costs, strict=True):
        whole, tariff, cap, up, reached, bears = (table.at(column) for column in (7, 8, 10, 11, 12, 13))
        rounded_up = f"{_whole(whole, under)}*{tariff}+INT(({_rest(whole, under)}*{tariff}+{under - 1})/{under})"
        alone = _alone(at, terms, row, under, (whole, tariff, cap, reached))
        table.add(at.one.rule.id, row.service, row.case, kind, row.who, cell(cost), Formula(f"={plus(costs)}"),
                  cell(rate), under, cell(at.own("rates", kind, "cap_per_case")) if capped else None,
                  Formula(f"=SIGN({whole})*({rounded_up})"), Formula(f"=IF({up}>{cap},1,0)") if capped else 0,
                  cell(parts.get(row.who, 0) if parts else alone),
                  Formula(f"={table.at(6)}-{bears}"))
        at.put(row.service, row.who, bears)
        at.put(row.service, terms.remainder, f"({cost}-{bears})")


def _whole(cost: Term, under: int) -> str:
    return f"INT(ABS({cost})/{under})"


def _rest(cost: Term, under: int) -> str:
    return f"(ABS({cost})-{_whole(cost, under)}*{under})"


def _alone(at: Cases, terms: Tariff, row: CaseRow, under: int, cells: Sequence[Ref]) -> Term:
    """What the only payer of a case bears: half a penny is its own where the agreement lists it before the remainder.

    The cap is whole pence. What falls to a payer that has the remainder as well is not told apart.
    """
    cost, tariff, cap, reached = cells
    order = [*at.bench.partners, UNALLOCATED]
    if row.who == terms.remainder:
        return 0
    half = under if order.index(row.who) < order.index(terms.remainder) else under - 1
    nearest = f"({_whole(cost, under)}*{tariff}+INT((2*{_rest(cost, under)}*{tariff}+{half})/{2 * under}))"
    return f"IF({reached}=1,{cap},SIGN({cost})*{nearest})"


def _several(at: Cases, terms: Tariff, table: Table, rows: list[CaseRow], under: int) -> dict[str, Ref]:
    """Where several pay for one case: the exact part of each, what is left of its pennies to the largest remainders."""
    first = table.sheet.next_row
    whole, rate, cap, reached = (table.sheet.ref(column, first) for column in (7, 8, 10, 12))
    over = f"IF({reached}=1,{whole},{under})"
    what = f"{at.said}, {rows[0].service}, case {rows[0].case}, {rows[0].cost_class}"
    parts: dict[str, list[Part]] = {}
    for row in rows:
        if row.who != terms.remainder:
            cost = at.row(row, "cost")
            parts[row.who] = [at.bench.exact.times(what, row.who, Part(f"ABS({cost})"),
                                                   f"SIGN({cost})*IF({reached}=1,{cap},{rate})", over)]
    others = [some[0] for some in parts.values()]
    parts[terms.remainder] = [Part(f"({whole}-({plus([part.whole for part in others])}))",
                                   f"(-({plus([part.rest for part in others])}))")]
    done, _ = at.bench.exact.running(what, whole, parts, [*at.bench.partners, UNALLOCATED])
    return {who: ref for who, ref in done.items() if who != terms.remainder}
