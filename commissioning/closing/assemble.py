"""The statement from the position: every figure in its place, every table checked that it foots. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction

from allocation.terms import number_text
from commissioning.books.figures import Bank, Paid
from commissioning.closing import earlier, told
from commissioning.closing.position import Position
from commissioning.closing.reserves import origins
from commissioning.statement import (
    COLUMNS,
    AgreementLine,
    Check,
    ClaimLine,
    FundLine,
    Gap,
    OutcomeLine,
    Part,
    PartnerLine,
    ReserveLine,
    ServiceLine,
    Statement,
    Totals,
    WorkingLine,
)
from contributions.model import CASH_KINDS
from ledger.model import UNIT, Head
from ledger.money import grouped


def statement(position: Position, head: Head, known_at: dt.datetime, issue: int) -> Statement:
    """The statement of a position, as known at a moment, with the chain's head at that moment."""
    terms = position.agreement.partnership
    services, partners = tuple(_services(position)), tuple(_partners(position))
    funds, reserves = tuple(_funds(position)), tuple(_reserves(position))
    totals = _totals(services)
    return Statement(
        partnership=terms.id, name=terms.name, currency=terms.currency, period=position.period.id,
        starts=position.year.starts, ends=position.period.ends, indicative=position.indicative, issue=issue,
        agreements=tuple(AgreementLine(s.version.id, s.version.reference, s.version.status, s.version.effective)
                         for s in position.begun),
        known_at=known_at, entries=head.entries, head=head.hash, totals=totals, funds=funds, services=services,
        partners=partners, reserves=reserves,
        distributions={pot: given.amounts for pot, (_, given) in position.distributions.items()},
        claims=tuple(ClaimLine(case, c.claimed, c.recognised, c.drawn, c.contested)
                     for case, c in position.memoranda.claims.items()),
        outcomes=tuple(_outcomes(position)),
        unallocated=_parked(services, funds, "unallocated"), contested=_parked(services, funds, "contested"),
        working=(*position.shares.working, *_reserve_working(position), *_result_working(position),
                 *earlier.working(position), *_settlement_working(position)),
        repayments=tuple(earlier.repayments(position)), notes=tuple(told.notes(position)), previous=position.previous,
        plan_changes=tuple(told.plan_changes(position)), earlier_forecasts=position.earlier_forecasts,
        checks=tuple(_checks(position, services, partners, funds, reserves, totals)))


def _services(position: Position) -> Iterable[ServiceLine]:
    for name, row in position.shares.rows.items():
        spent = [one for one in position.spent if name in one.budgets]
        terms = [v.services[name] for v in position.agreement.versions() if name in v.services][-1]
        budget = sum(one.budgets[name] for one in spent)
        actual = sum(one.actuals.get(name, 0) for one in spent) + position.strays.get(name, 0)
        parts = {p: Part(row.budget.get(p, 0), row.budget.get(p, 0) + row.variance.get(p, 0), row.variance.get(p, 0))
                 for p in position.agreement.partners if p in row.budget or p in row.variance}
        annual = sum(s.annual_budget(name) for s in position.planned if name in s.version.services)
        yield ServiceLine(name, terms.name or name, row.fund, budget, annual, actual, actual - budget,
                          position.forecast.get(name, 0) + position.strays.get(name, 0),
                          position.memoranda.committed.get(name, 0), parts,
                          **{column: row.columns.get(column, 0) for column in COLUMNS})


def _parked(services: tuple[ServiceLine, ...], funds: tuple[FundLine, ...], column: str) -> int:
    """What stands in a column in all: of the services, and of what funds are short of."""
    of_services: int = sum(getattr(s, column) for s in services)
    return of_services + sum(f.gap.columns.get(column, 0) for f in funds if f.gap)


def _totals(services: tuple[ServiceLine, ...]) -> Totals:
    return Totals(*(sum(getattr(s, name) for s in services)
                    for name in ("budget", "annual_budget", "actual", "variance", "forecast", "committed")))


def _paid(position: Position, partner: str) -> Paid:
    return position.figures.partners.get(partner, Paid())


def _partners(position: Position) -> Iterable[PartnerLine]:
    rows = position.shares.rows.values()
    for partner in position.agreement.partners:
        paid = _paid(position, partner)
        due = position.contribution_due(partner)
        share = position.shares.share_of_variance(partner)
        budget = sum(row.budget.get(partner, 0) for row in rows)
        cost = position.shares.share_of_cost(partner)
        liability = position.contribution_owed(partner) + share + cost
        yield PartnerLine(
            partner, position.agreement.partner_name(partner), contribution_due=due, contribution_paid=paid.cash,
            outstanding=due - paid.cash, share_of_budget=budget,
            share_of_actual=budget + sum(row.variance.get(partner, 0) for row in rows),
            share_of_variance=share, forecast_share=position.forecast_shares.share_of_variance(partner),
            liability=liability, settlement=liability - paid.cash - paid.in_kind - paid.direct + paid.held,
            due_now=due - paid.cash - paid.in_kind - paid.direct,
            brought_forward=paid.brought_forward, settled=paid.settled,
            contribution_agreed=position.contribution_agreed(partner))


def _funds(position: Position) -> Iterable[FundLine]:
    versions = [s.version for s in position.begun] or [position.agreement.versions()[-1]]
    terms = {name: version for version in versions for name in version.funds}
    for name, version in terms.items():
        bank = position.figures.banks.get(name, Bank())
        yield FundLine(name, version.funds[name].kind, version.funds[name].host, bank.opening, bank.received, bank.paid,
                       _uncommitted(position, name), bank.opening + bank.received - bank.paid, _gap(position, name))


def _gap(position: Position, fund: str) -> Gap | None:
    """What the fund's contributions are short of its budgets to date, and who bears it, where that is shared."""
    row = position.shares.gaps.get(fund)
    if row is None:
        return None
    partners = {p: row.variance[p] for p in position.agreement.partners if row.variance.get(p)}
    return Gap(row.borne, partners, {column: row.columns.get(column, 0) for column in COLUMNS})


def _uncommitted(position: Position, fund: str) -> int:
    """Contributions and planned reserve of the year beyond a pooled fund's budgets; negative: a gap that is held.

    A gap that partners share is none.
    """
    total = 0
    for stretch in position.planned:
        version = stretch.version
        if fund not in version.funds or not version.funds[fund].pooled or fund in stretch.cost_funds:
            continue
        total += sum(stretch.amount(line) for line in stretch.lines if line.fund == fund and line.kind in CASH_KINDS)
        total -= sum(stretch.annual_budget(s) for s, terms in version.services.items() if terms.fund == fund)
        planned = stretch.planned_reserves(stretch.window.ends)
        total += sum(planned[reserve] for reserve in version.funds[fund].planned_reserve)
        total += sum(short for service, short in stretch.gaps(stretch.window.ends).items()
                     if version.services[service].fund == fund)
    total += sum(amount for (its_fund, _), amount in position.figures.carried.items() if its_fund == fund)
    return total


def _reserves(position: Position) -> Iterable[ReserveLine]:
    parts = list(origins(position))
    for name in position.agreement.reserves:
        mine = [one for one in parts if one.reserve == name]
        yield ReserveLine(name, sum(one.opening for one in mine), sum(one.gone_out for one in mine),
                          sum(one.gone_in for one in mine), sum(one.closing for one in mine),
                          {one.partner: one.closing for one in mine})


def _reserve_working(position: Position) -> Iterable[WorkingLine]:
    for name, draws in position.planned_draws.items():
        total = sum(draws.values())
        out = {f"reserve {name}: {p}": amount for p, amount in draws.items()}
        yield WorkingLine("", "", f"planned use of {name}", total, out, 0,
                          "the plan's use of the reserve to date, from each partner in proportion to its balance")


def _outcomes(position: Position) -> Iterable[OutcomeLine]:
    """Each outcome once, whatever the number of versions that it runs through."""
    for name in dict.fromkeys(outcome.id for outcome, _ in position.outcomes):
        parts = [(o, v) for o, v in position.outcomes if o.id == name]
        measured = [v.measured for _, v in parts if v.measured is not None]
        gains: dict[str, int] = {}
        for _, found in parts:
            for who, amount in found.gains.items():
                gains[who] = gains.get(who, 0) + amount
        yield OutcomeLine(name, parts[-1][0].service, number_text(Fraction(sum(measured), UNIT)) if measured else "",
                          number_text(sum((v.baseline for _, v in parts), Fraction(0))),
                          sum(v.value for _, v in parts), gains, _actual_parts(position, parts[-1][0].service),
                          parts[-1][0].indicator, _expected([v.expected for _, v in parts]))


def _expected(parts: Sequence[int | None]) -> int | None:
    """What targets are worth over the year's versions; None where none has any."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _actual_parts(position: Position, service: str) -> dict[str, int]:
    """What each partner bears of a service's actual cost."""
    row = position.shares.rows.get(service)
    if row is None:
        return {}
    return {p: row.budget.get(p, 0) + row.variance.get(p, 0) for p in position.agreement.partners
            if p in row.budget or p in row.variance}


def _result_working(position: Position) -> Iterable[WorkingLine]:
    """How distributions and outcomes come about."""
    for pot, (_, given) in position.distributions.items():
        for line in given.lines:
            yield WorkingLine("", "", f"distribution {pot}: {line.step}", line.amount_in, line.out, line.remaining,
                              line.because)
    for outcome, found in position.outcomes:
        yield WorkingLine("", "", f"outcome {outcome.id}", found.value, found.gains, 0, found.because)


def _settlement_working(position: Position) -> Iterable[WorkingLine]:
    """How each partner's settlement comes about, in one line."""
    money = position.agreement.currency
    for line in _partners(position):
        paid = _paid(position, line.id)
        cost = position.shares.share_of_cost(line.id)
        contributions = line.liability - line.share_of_variance - cost
        of_cost = f" + share of cost {grouped(cost, money)}" if cost else ""
        out = {"paid in cash": paid.cash, "given in kind": paid.in_kind, "paid to providers": paid.direct,
               "charges and income held": -paid.held}
        yield WorkingLine("", "", f"settlement of {line.id}", line.liability,
                          {word: amount for word, amount in out.items() if amount}, line.settlement,
                          f"contributions {grouped(contributions, money)} + share of variance "
                          f"{grouped(line.share_of_variance, money)}{of_cost} = {grouped(line.liability, money)}")


def _checks(position: Position, services: tuple[ServiceLine, ...], partners: tuple[PartnerLine, ...],
            funds: tuple[FundLine, ...], reserves: tuple[ReserveLine, ...], totals: Totals) -> Iterable[Check]:
    books = position.figures
    yield Check("services foot to totals", totals.variance == totals.actual - totals.budget)
    yield Check("each service: partners and columns foot to its actual", all(
        sum(p.actual for p in s.partners.values()) + sum(getattr(s, c) for c in COLUMNS) == s.actual for s in services))
    yield Check("each service: partners' budgets foot to its budget", all(
        sum(p.budget for p in s.partners.values()) == s.budget for s in services))
    yield Check("partners' actuals and columns foot to the total", sum(p.share_of_actual for p in partners) + sum(
        getattr(s, c) for s in services for c in COLUMNS) == totals.actual)
    yield Check("each partner: its services' budgets, actuals and variances foot to its shares", all(
        _foots(position, services, p) for p in partners))
    if gaps := [f.gap for f in funds if f.gap]:
        yield Check("each fund: partners and columns foot to its gap", all(
            sum(gap.partners.values()) + sum(gap.columns.values()) == gap.amount for gap in gaps))
    yield Check("the services' cost is the ledger's", totals.actual == sum(books.actuals.values()))
    yield Check("reserves: opening - drawn + added = closing, by partner", all(
        r.opening - r.drawn + r.added == r.closing == sum(r.by_partner.values()) for r in reserves))
    if lent := list(earlier.repayments(position)):
        yield Check("repayments: opening + added - due = closing", all(
            line.opening + line.added - line.due == line.closing for line in lent))
    yield Check("the ledger balances", books.trial_balance == 0)
    if not position.indicative:
        yield Check("each partner's settlement, with what it brought forward, is what the ledger says it owes", all(
            p.settlement + p.brought_forward - p.settled == _paid(position, p.id).owed for p in partners))


def _foots(position: Position, services: tuple[ServiceLine, ...], partner: PartnerLine) -> bool:
    parts = [s.partners[partner.id] for s in services if partner.id in s.partners]
    rows, gaps = position.shares.rows.values(), position.shares.gaps.values()
    borne = (partner.share_of_variance + sum(row.cost_variance.get(partner.id, 0) for row in rows)
             - sum(row.variance.get(partner.id, 0) for row in gaps))
    return (sum(p.budget for p in parts), sum(p.actual for p in parts), sum(p.variance for p in parts)) == (
        partner.share_of_budget, partner.share_of_actual, borne)
