"""Cost rule `tariff` in cells: of each case's cost a percentage, at most the cap; the remainder is another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from allocation.cost import UNALLOCATED
from allocation.costs.tariff import Tariff
from commissioning.scenario.cases import CaseRow
from exports.scenario.costs.given import CaseCells, Cases, Table, cell
from exports.scenario.exact import SNAP, Part, together
from exports.scenario.model import Column, Formula, Ref, Term, plus

_COLUMNS = (Column("Number", "whole", 10), Column("Rule", width=30), Column("Service", width=30),
            Column("Case", width=24), Column("Class", width=20), Column("Payer", width=24), Column("Cost", "whole", 18),
            Column("Cost of the case", "whole", 18), Column("Tariff", "whole", 14),
            Column("Tariff of", "whole", 14), Column("Cap", "whole", 18),
            Column("Percentage, rounded up", "whole", 18), Column("Cap reached: 1", "whole", 12),
            Column("Payer bears", "whole", 18), Column("Remainder", "whole", 18))
_NOTE = ("Each case and class of cost in the year: the payer bears the tariff, at most the cap, rounded to the nearest "
         "penny; the remainder is the rest. Where several pay for one case, Quotas divides among them. A case that "
         "goes on under a later version has its cost and what its payer bears of the whole year there.")


def write(at: Cases) -> None:
    terms = cast("Tariff", at.one.rule.cost)
    table = at.sheet("Tariffs", "Tariffs by case", _NOTE, _COLUMNS)
    for _, some in groupby(at.one.rows, key=lambda row: (row.service, row.case, row.cost_class)):
        _case(at, terms, table, list(some))


@dataclass(frozen=True)
class _Rate:
    """What a class is charged: so many parts of so many, at most the cap (if any)."""

    rate: Term
    under: int
    cap: Ref | None


def _rate(at: Cases, terms: Tariff, kind: str) -> _Rate:
    if kind not in terms.rates:
        return _Rate(0, 100, None)
    capped = terms.rates[kind].cap_per_case is not None
    return _Rate(at.own("rates", kind, "percent"), 100 * at.scale("rates", kind, "percent"),
                 at.own("rates", kind, "cap_per_case") if capped else None)


def _case(at: Cases, terms: Tariff, table: Table, rows: list[CaseRow]) -> None:
    """One case and class: a row for each payer."""
    by, key = _rate(at, terms, rows[0].cost_class), (rows[0].service, rows[0].case, rows[0].cost_class)
    if key in at.so_far.cases:
        _goes_on(at, terms, table, rows, by)
        return
    rate, under, capped = by.rate, by.under, by.cap is not None
    costs = [at.row(row, "cost") for row in rows]
    parts = _several(at, terms, table, rows, under) if len(rows) > 1 else {}
    rounded: dict[str, Ref] = {}
    for row, cost in zip(rows, costs, strict=True):
        whole, tariff, cap, up, reached, bears = (table.at(column) for column in (7, 8, 10, 11, 12, 13))
        rounded_up = f"{_whole(whole, under)}*{tariff}+INT(({_rest(whole, under)}*{tariff}+{under - 1})/{under})"
        alone = _alone(at, terms, row, under, (whole, tariff, cap, reached))
        table.add(at.one.rule.id, row.service, row.case, row.cost_class, row.who, cell(cost),
                  Formula(f"={plus(costs)}"), cell(rate), under, None if by.cap is None else cell(by.cap),
                  Formula(f"=SIGN({whole})*({rounded_up})"), Formula(f"=IF({up}>{cap},1,0)") if capped else 0,
                  cell(parts.get(row.who, 0) if parts else alone),
                  Formula(f"={table.at(6)}-{bears}"))
        at.put(row.service, row.who, bears)
        at.put(row.service, terms.remainder, f"({cost}-{bears})")
        if row.who != terms.remainder:
            rounded[row.who] = bears
    at.so_far.cases[key] = lambda: _so_far(at, rows, by, rounded)


# ---------------------------------------------------------------------------------------- from version to version

def _so_far(at: Cases, rows: list[CaseRow], by: _Rate, rounded: Mapping[str, Ref]) -> CaseCells:
    """What an earlier version made of a case, for one that goes on with it."""
    uncapped = _uncapped(at, rows, by)
    wanted = _wanted(at, rows, list(uncapped.values()))
    charged = wanted
    if by.cap is not None:
        reached = f"{wanted.whole}-{by.cap}+{wanted.rest}>0"
        charged = Part(f"IF({reached},{by.cap},{wanted.whole})", f"IF({reached},0,{wanted.rest})")
    return CaseCells(plus([at.row(row, "cost") for row in rows]), uncapped, charged, rounded)


def _uncapped(at: Cases, rows: list[CaseRow], by: _Rate) -> dict[str, Part]:
    """Each payer's exact part by the percentage."""
    return {row.who: at.bench.exact.times(_said(at, rows), row.who, Part(at.row(row, "cost")), by.rate, by.under)
            for row in rows}


def _said(at: Cases, rows: list[CaseRow]) -> str:
    return f"{at.said}, {rows[0].service}, case {rows[0].case}, {rows[0].cost_class}"


def _wanted(at: Cases, rows: list[CaseRow], parts: list[Part]) -> Part:
    what = f"{_said(at, rows)}: by the percentages, in all"
    return at.bench.exact.times(what, "", together(parts), 1, 1)


def _goes_on(at: Cases, terms: Tariff, table: Table, rows: list[CaseRow], by: _Rate) -> None:
    """A case of an earlier version: the year's whole less what was charged. Earlier cost keeps its percentage."""
    service, case, kind = key = rows[0].service, rows[0].case, rows[0].cost_class
    before, here = at.so_far.cases[key](), _uncapped(at, rows, by)
    what = f"{_said(at, rows)}, with earlier versions"
    payers = {who: together([some[who] for some in (before.uncapped, here) if who in some])
              for who in {**before.uncapped, **here}}
    wanted = _wanted(at, rows, list(payers.values()))
    new = at.bench.exact.times(f"{_said(at, rows)}: what is new", "", together(list(here.values())), 1, 1)
    parts, charged, reached = _held(at, what, (payers, wanted), (before.charged, new), by.cap)
    costs = [at.row(row, "cost") for row in rows]
    cost = at.bench.line("Shares", f"{what}: cost", "", f"{before.cost}+{plus(costs)}")
    rounded = _rounded(at, terms, what, cost, parts)
    for row, own in zip(rows, costs, strict=True):
        bears = rounded.get(row.who, 0)
        table.add(at.one.rule.id, service, case, kind, row.who, cell(own), cell(cost), cell(by.rate), by.under,
                  None if by.cap is None else cell(by.cap), None, cell(reached), cell(bears), None)
    more = {who: f"({ref}-{before.rounded[who]})" if who in before.rounded else str(ref)
            for who, ref in rounded.items()}
    for who, term in more.items():
        at.put(service, who, term)
    at.put(service, terms.remainder, f"({plus(costs)}-({plus(list(more.values()))}))")
    at.so_far.cases[key] = lambda: CaseCells(cost, payers, charged, rounded)


def _held(at: Cases, what: str, asked: tuple[Mapping[str, Part], Part], earlier: tuple[Part, Part],
          cap: Ref | None) -> tuple[Mapping[str, Part], Part, Term]:
    """What payers bear within the year's cap, what that is together, and whether less is borne than was asked.

    A lower cap than the earlier version's takes back nothing that was rightly charged before, and a higher one charges
    nothing that was let go: at most what is new is added.
    """
    (payers, wanted), (before, new), exact = asked, earlier, at.bench.exact
    more = f"({new.whole}+{new.rest}>{SNAP})"
    added = exact.times(f"{what}: with what is new", "", Part(f"({before.whole}+IF({more},{new.whole},0))",
                                                             f"({before.rest}+IF({more},{new.rest},0))"), 1, 1)
    limit = added
    if cap is not None:
        most = Part(f"MAX({cap},{before.whole})", f"IF({before.whole}>={cap},{before.rest},0)")
        less = f"({most.whole}-{added.whole}+({most.rest}-{added.rest})<0)"
        limit = exact.times(f"{what}: at most", "", Part(f"IF({less},{most.whole},{added.whole})",
                                                         f"IF({less},{most.rest},{added.rest})"), 1, 1)
    reached = at.bench.line("Shares", f"{what}: less is borne", "",
                            f"IF({wanted.whole}-{limit.whole}+({wanted.rest}-{limit.rest})>{SNAP},1,0)",
                            "1: the year's cap holds, or only what is new is added to what was charged before")

    def either(one: Part, other: Part) -> Part:
        return Part(f"IF({reached}=1,{one.whole},{other.whole})", f"IF({reached}=1,{one.rest},{other.rest})")

    held = {who: either(exact.times(f"{what}: within the cap", who, exact.tidy(what, who, part), limit, wanted), part)
            for who, part in payers.items()}
    return held, either(limit, wanted), reached


def _rounded(at: Cases, terms: Tariff, what: str, cost: Term, payers: Mapping[str, Part]) -> dict[str, Ref]:
    """The payers' parts in whole pence, together with the remainder, which is the rest."""
    parts = {who: [part] for who, part in payers.items() if who != terms.remainder}
    others = together([some[0] for some in parts.values()])
    parts[terms.remainder] = [Part(f"({cost}-{others.whole})", f"(-{others.rest})")]
    done, _ = at.bench.exact.running(what, cost, parts, [*at.bench.partners, UNALLOCATED])
    return {who: ref for who, ref in done.items() if who != terms.remainder}


# ------------------------------------------------------------------------------------------------- within a version

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
    what = _said(at, rows)
    parts: dict[str, Part] = {}
    for row in rows:
        if row.who != terms.remainder:
            cost = at.row(row, "cost")
            parts[row.who] = at.bench.exact.times(what, row.who, Part(f"ABS({cost})"),
                                                  f"SIGN({cost})*IF({reached}=1,{cap},{rate})", over)
    return _rounded(at, terms, what, whole, parts)
