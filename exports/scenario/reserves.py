"""Reserves by origin in cells: what the year found, the plan's own use, and what partners that come or go move.

The twin of `position.work_out`'s reserves and of who comes and goes in `commissioning.apportionment.apportion`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exports.scenario.borne import Year, put
from exports.scenario.model import Ref, Term, plus
from exports.scenario.plan import Plan
from exports.scenario.split import Weight, Weights


def begin(year: Year, plans: Sequence[Plan]) -> None:
    """Each reserve by origin after the plan's own use of it."""
    bench, books = year.bench, year.position.figures
    for reserve in bench.base.agreement.reserves:
        year.held[reserve] = {}
        for p in bench.partners:
            opening = bench.minor(f"reserves.{reserve}.{p}", books.reserves[reserve][p])
            moved = books.put_in[reserve][p] - books.taken_out[reserve][p]
            year.held[reserve][p] = bench.line("Variances", f"reserve {reserve} before the plan's own use", p,
                                               f"{opening}+({moved})", "what it held, with transfers of the year")
    for plan in plans:
        wanted: dict[str, list[Term]] = {}
        passed = plan.stretch.passed(plan.stretch.window.ends)
        for name, fund in plan.stretch.version.funds.items():
            for reserve, amount in fund.planned_reserve.items():
                cell = bench.minor(f"{plan.prefix}funds.{name}.planned_reserve.{reserve}", amount)
                wanted.setdefault(reserve, []).append(bench.part(cell, passed))
        for reserve, terms in wanted.items():
            _planned_use(year, plan, reserve, terms)


def _planned_use(year: Year, plan: Plan, reserve: str, wanted: Sequence[Term]) -> None:
    bench, held = year.bench, year.held[reserve]
    staying = {p: term for p, term in held.items() if p not in plan.stretch.version.leavers}
    sizes = {p: bench.line("Variances", f"{plan.said}reserve {reserve}: may be drawn on", p, f"MAX({term},0)")
             for p, term in staying.items()}
    used = bench.line("Variances", f"{plan.said}reserve {reserve}: planned use", "",
                      f"MIN({plus(wanted)},MAX({plus(list(staying.values()))},0))", "as far as it lasts")
    parts = bench.splits.split(f"{plan.said}planned use of {reserve}", used,
                               Weights(tuple(Weight(p, size) for p, size in sizes.items())))
    for p, part in parts.items():
        put(year.drawn.setdefault(reserve, {}), p, part)
        held[p] = bench.line("Variances", f"{plan.said}reserve {reserve} after the plan's own use", p,
                             f"{held[p]}-{part}")


def come_and_go(year: Year, plan: Plan) -> None:
    """On the day on which a version takes effect, who leaves has its part settled, and who joins buys in."""
    version, stretch = plan.stretch.version, plan.stretch
    if stretch.window.starts != version.effective:
        return
    for reserve, held in year.held.items():
        moves: dict[str, list[Term]] = {}
        for partner, terms in version.leavers.items():
            amount = year.bench.line("Variances", f"{plan.said}reserve {reserve}: part of who leaves", partner,
                                     str(held[partner]))
            moves.setdefault(partner, []).append(f"(-{amount})")
            if terms.reserves == "left":
                for p, part in _left(year, plan, reserve, partner, amount).items():
                    moves.setdefault(p, []).append(part)
        for partner, joined in version.joiners.items():
            if joined.reserves.get(reserve):
                moves.setdefault(partner, []).append(joined.reserves[reserve])
        _move(year, plan, reserve, moves)


def _left(year: Year, plan: Plan, reserve: str, partner: str, amount: Ref) -> Mapping[str, Ref]:
    """What a leaver leaves, to the others in proportion to theirs; equally where these have nothing."""
    held = year.held[reserve]
    staying = {p: held[p] for p in year.bench.partners if p not in plan.stretch.version.leavers}
    whole = year.bench.total("Variances", f"{plan.said}reserve {reserve}: parts of who stays", "",
                             [f"MAX({term},0)" for term in staying.values()])
    weights = Weights(tuple(Weight(p, f"IF({whole}=0,1,MAX({term},0))") for p, term in staying.items()))
    return year.bench.splits.split(f"{plan.said}reserve {reserve}: left by {partner}", amount, weights)


def _move(year: Year, plan: Plan, reserve: str, moves: Mapping[str, Sequence[Term]]) -> None:
    held = year.held[reserve]
    for p, terms in moves.items():
        for term in terms:
            put(year.added.setdefault(reserve, {}), p, f"MAX({term},0)")
            put(year.drawn.setdefault(reserve, {}), p, f"MAX(-({term}),0)")
        held[p] = year.bench.line("Variances", f"{plan.said}reserve {reserve} after who comes and goes", p,
                                  f"{held[p]}+({plus(terms)})")
