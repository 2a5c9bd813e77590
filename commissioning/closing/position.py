"""Where a partnership stands at the end of a period, year to date: plan, books, shares and forecast brought together.

Pure: the agreement, the movements and the forecasts in; everything that the closing entries and the statement need out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from allocation.cost import CostItem
from allocation.distribution import Distributed, distribute
from allocation.outcome import Outcome, Valued, value
from commissioning.agreement.model import Agreement
from commissioning.agreement.plan import Stretch, stretches
from commissioning.apportionment.apportion import apportion
from commissioning.apportionment.borne import Apportioned, Grounds, Spent
from commissioning.apportionment.last_agreed import pasts
from commissioning.books.figures import Figures, actuals, figures
from commissioning.books.memoranda import Lent, Memoranda
from commissioning.books.postings import outcome_of
from commissioning.events.model import details_of
from commissioning.statement import EarlierForecast, Previous, WorkingLine
from contributions.model import CASH_KINDS
from ledger.calendar import Year
from ledger.errors import PoolbookError
from ledger.model import Movement, Period, Recorded
from ledger.money import split


@dataclass(frozen=True, slots=True)
class Known:
    """What the books know: all earlier years' movements, this year's for each version's days, what was told."""

    before: Sequence[Movement]
    year: Sequence[Movement]
    by_stretch: Sequence[Sequence[Movement]]
    memoranda: Memoranda
    items: Sequence[Sequence[CostItem]] = ()  # of services whose cost is shared, for each version's days
    opening: Mapping[str, int] = field(default_factory=dict)  # each case's units before the year
    redone: Sequence[Recorded] = ()  # this year's entries that put an earlier one right
    previous: Previous | None = None
    earlier_forecasts: tuple[EarlierForecast, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Everything worked out for one period. `begun` are the versions in force by its end, `planned` all of the year."""

    agreement: Agreement
    year: Year
    period: Period
    begun: tuple[Stretch, ...]
    planned: tuple[Stretch, ...]
    figures: Figures
    spent: tuple[Spent, ...]
    strays: Mapping[str, int]
    shares: Apportioned
    forecast: Mapping[str, int]
    forecast_shares: Apportioned
    memoranda: Memoranda
    outcomes: Sequence[tuple[Outcome, Valued]]
    distributions: Mapping[str, tuple[str, Distributed]]  # by pot: its fund, and who gets what this year
    reserves: Mapping[str, Mapping[str, int]]  # by origin, before the year's apportionment
    planned_draws: Mapping[str, Mapping[str, int]]
    redone: Sequence[Recorded] = ()
    previous: Previous | None = None
    earlier_forecasts: tuple[EarlierForecast, ...] = ()

    @property
    def year_name(self) -> str:
        return f"FY{self.year.number}"

    @property
    def lending(self) -> tuple[Lent, ...]:
        """What partners cover this year and are repaid in later ones."""
        return tuple(Lent(fund, partner, amount, years)
                     for (fund, partner, years), amount in self.shares.repayable.items() if amount)

    def repayments_due(self) -> dict[tuple[str, str], int]:
        """What falls due this year of what was covered in earlier ones, by fund and partner."""
        found: dict[tuple[str, str], int] = {}
        for ends, lent in self.memoranda.lent.items():
            nth = self.year.number - self.agreement.calendar.year_of(ends).number
            for one in lent:
                found[one.fund, one.partner] = found.get((one.fund, one.partner), 0) + one.due(nth)
        return found

    @property
    def funds(self) -> list[str]:
        """The funds of the versions in force by the period's end."""
        return list(dict.fromkeys(fund for stretch in self.begun for fund in stretch.version.funds))

    @property
    def last_of_year(self) -> bool:
        return self.period.ends == self.year.ends

    @property
    def indicative(self) -> bool:
        """Interim shares are worked out but not posted where the agreement settles at the year's end."""
        return settles_later(self.agreement, self.period)

    def drawn(self, reserve: str) -> dict[str, int]:
        """What the year to date draws from a reserve, by origin: the plan's use of it and the rules'."""
        plan, rules = self.planned_draws.get(reserve, {}), self.shares.drawn.get(reserve, {})
        return {p: plan.get(p, 0) + rules.get(p, 0) for p in self.agreement.partners}

    def contribution_due(self, partner: str) -> int:
        """What a partner should have paid by the period's end: instalments and advances, in pooled funds."""
        return sum(stretch.due(line, self.period.ends) for stretch in self.begun for line in stretch.lines
                   if line.partner == partner and line.kind in CASH_KINDS and stretch.version.funds[line.fund].pooled)

    def contribution_agreed(self, partner: str) -> int:
        """The same for the whole year: what `contribution_due` comes to by its end."""
        return sum(stretch.amount(line) for stretch in self.planned for line in stretch.lines
                   if line.partner == partner and line.kind in CASH_KINDS and stretch.version.funds[line.fund].pooled)

    def contribution_owed(self, partner: str, fund: str | None = None) -> int:
        """What a partner owes in itself by the period's end: without advances, but in funds of every kind."""
        return sum(stretch.due(line, self.period.ends) for stretch in self.begun for line in stretch.lines
                   if line.partner == partner and stretch.owes(line) and fund in (None, line.fund))


def settles_later(agreement: Agreement, period: Period) -> bool:
    """Whether what partners share at the end of a period becomes due only by a later one's close."""
    return agreement.partnership.settle == "year_end" and period.ends != agreement.calendar.year_of(period.ends).ends


def begun_by(planned: Iterable[Stretch], date: dt.date) -> list[Stretch]:
    """The versions that have begun by a day."""
    return [stretch for stretch in planned if stretch.window.starts <= date]


def follow_own_day(begun: Sequence[Stretch], by_stretch: Sequence[Sequence[Movement]],
                   late: Iterable[Recorded]) -> list[list[Movement]]:
    """Each version's movements, with late items moved to the version in force on their own day."""
    moved = [list(movements) for movements in by_stretch]
    for recorded in late:
        own, posted = _place(begun, own_day(recorded, begun)), _place(begun, recorded.entry.date)
        if own is None or posted is None or own == posted:
            continue
        for line in recorded.entry.postings:
            debit, credit = max(line.amount, 0), max(-line.amount, 0)
            words = (line.account, recorded.entry.kind, line.fund, line.partner, line.service, line.source,
                     line.cost_class, 0)
            moved[own].append(Movement(*words, debit, credit, line.units))
            moved[posted].append(Movement(*words, credit, debit, -line.units))
    return moved


def own_day(recorded: Recorded, begun: Sequence[Stretch]) -> dt.date:
    """The day on which an entry counts: a late item's own, where the year has a version on it; else the posted one."""
    entry = recorded.entry
    said = details_of(entry.details).get("date") if entry.belongs_to and entry.details else None
    own = dt.date.fromisoformat(said) if said else entry.date
    return own if _place(begun, own) is not None else entry.date


def on_own_day(told: Iterable[Recorded], begun: Sequence[Stretch]) -> list[Recorded]:
    """Entries, each on the day on which it counts."""
    return [replace(one, entry=replace(one.entry, date=own_day(one, begun))) if one.entry.belongs_to else one
            for one in told]


def _place(begun: Sequence[Stretch], date: dt.date) -> int | None:
    """Which of the versions is in force on a day."""
    return next((i for i, s in enumerate(begun) if s.window.starts <= date <= s.window.ends), None)


def work_out(agreement: Agreement, period: Period, known: Known) -> Position:
    """The whole position at the end of a period. Raises the errors of `allocation.errors` where a rule fails."""
    year = agreement.calendar.year_of(period.ends)
    told = known.memoranda
    moved = [(v.date, v.says["service"], v.says["amount"]) for v in told.virements]
    planned = stretches(agreement, year, moved, told.carried_in)
    begun = begun_by(planned, period.ends)
    found = figures(known.before, known.year)
    spent = [_spent(s, period.ends, actuals(movements), told, items)
             for s, movements, items in zip(begun, known.by_stretch, known.items, strict=True)]
    reserves, draws = _reserves(agreement, found, begun, period.ends)
    valued = [_outcomes(one, told) for one in spent]
    spent = [replace(one, better={o.id: v.better for o, v in some}) for one, some in zip(spent, valued, strict=True)]
    last = period.ends == year.ends
    strays = _strays(found, spent)
    funds = {s: terms.fund for version in agreement.versions() for s, terms in version.services.items()}
    settled = Grounds(reserves, found.received, found.units, known.opening,
                      final=last or agreement.partnership.settle == "period", strays=strays,
                      past=pasts(agreement, year, known.before))
    shares = apportion(spent, settled, funds)
    forecast = _forecast(planned, spent, told.forecasts)
    by_year_end = _reserves(agreement, found, planned, year.ends)[0]
    whole_year = replace(settled, balances=by_year_end, final=last)
    expected = _expected(_forecast_spent(planned, spent, forecast), whole_year, funds, shares)
    return Position(agreement, year, period, tuple(begun), tuple(planned), found, tuple(spent), strays, shares,
                    forecast, expected, told, [pair for some in valued for pair in some],
                    _distributions(begun[-1:], found), reserves, draws, known.redone,
                    known.previous, known.earlier_forecasts)


def _spent(stretch: Stretch, until: dt.date, actual: Mapping[str, int], told: Memoranda,
           items: Sequence[CostItem]) -> Spent:
    date = min(until, stretch.window.ends)
    faults: dict[str, dict[str, int]] = {}
    for fault in told.faults:
        if stretch.window.starts <= fault.date <= date and fault.says["service"] in stretch.version.services:
            parts = faults.setdefault(fault.says["service"], {})
            parts[fault.says["partner"]] = parts.get(fault.says["partner"], 0) + fault.says["amount"]
    return Spent(stretch, date, {s: stretch.budget_to(s, date) for s in stretch.version.services}, actual, faults,
                 items)


def _outcomes(one: Spent, told: Memoranda) -> list[tuple[Outcome, Valued]]:
    """What each outcome of a version is worth to date; the annual baseline runs with the year."""
    version, window = one.stretch.version, one.stretch.window
    measured: dict[str, int] = {}
    for event in told.outcomes:
        if window.starts <= event.date <= one.date:
            name = outcome_of(event.says.get("source", ""), event.says.get("service", ""), version)
            measured[name] = measured.get(name, 0) + event.says["units"]
    part, currency = one.stretch.passed(one.date), one.stretch.agreement.currency
    return [(o, value(o, measured.get(o.id), part, currency)) for o in version.outcomes]


def _distributions(last: Sequence[Stretch], found: Figures) -> dict[str, tuple[str, Distributed]]:
    """Who gets what of each pot this year, by the version in force at the period's end."""
    given: dict[str, tuple[str, Distributed]] = {}
    for stretch in last:
        funds = stretch.version.funds
        pooled = [name for name, fund in funds.items() if fund.pooled]
        only = pooled[0] if len(pooled) == 1 else ""  # elsewhere the agreement must say which fund pays
        facts = stretch.facts(stretch.version.services, found.received, found.units)
        for pot in stretch.version.distributions:
            given[pot.id] = (pot.fund or only, distribute(pot, facts))
    return given


def _reserves(agreement: Agreement, found: Figures, begun: Sequence[Stretch],
              date: dt.date) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Each reserve by origin after the plan's own use of it, and that use; the rules draw on what is left."""
    held = {r: {p: found.reserves[r][p] + found.put_in[r][p] - found.taken_out[r][p] for p in agreement.partners}
            for r in agreement.reserves}
    draws: dict[str, dict[str, int]] = {}
    for stretch in begun:
        for reserve, wanted in stretch.planned_reserves(min(date, stretch.window.ends)).items():
            staying = {p: b for p, b in held[reserve].items() if p not in stretch.version.leavers}
            balances = {p: max(b, 0) for p, b in staying.items()}
            amount = min(wanted, max(sum(staying.values()), 0))  # a part that is overdrawn lowers what there is
            parts = split(amount, list(balances.values())) if amount else [0] * len(balances)
            for partner, part in zip(balances, parts, strict=True):
                held[reserve][partner] -= part
                draws.setdefault(reserve, {})[partner] = draws.get(reserve, {}).get(partner, 0) + part
    return held, draws


def _forecast(planned: Sequence[Stretch], spent: Sequence[Spent], told: Mapping[str, int]) -> dict[str, int]:
    """Expected full-year cost: the latest forecast, else the actual plus what remains of the plan."""
    found: dict[str, int] = {}
    for stretch in planned:
        for service in stretch.version.services:
            found[service] = found.get(service, 0) + stretch.annual_budget(service)
    for one in spent:
        for service in one.budgets:
            found[service] += one.variance(service)
    return {service: told.get(service, amount) for service, amount in found.items()}


def _expected(spent: Sequence[Spent], grounds: Grounds, funds: Mapping[str, str], shares: Apportioned) -> Apportioned:
    """The shares of the full-year forecast; one that a rule cannot work out is said, and does not stop a close."""
    try:
        return apportion(spent, grounds, funds)
    except PoolbookError as error:
        shares.working.append(WorkingLine("", "", "forecast", 0, {}, 0, f"no forecast share: {error.message}"))
        return Apportioned()


def _strays(found: Figures, spent: Sequence[Spent]) -> dict[str, int]:
    """Cost on services that the version in force on its day does not have."""
    known: dict[str, int] = {}
    for one in spent:
        for service in one.budgets:
            known[service] = known.get(service, 0) + one.actuals.get(service, 0)
    left = {service: amount - known.get(service, 0) for service, amount in found.actuals.items()}
    return {service: amount for service, amount in left.items() if amount}


def _forecast_spent(planned: Sequence[Stretch], spent: Sequence[Spent], forecast: Mapping[str, int]) -> list[Spent]:
    """The full year as forecast, by version: what is still to come goes where the plan still has to run."""
    done = {id(one.stretch.version): one for one in spent}
    budgets = [{s: stretch.annual_budget(s) for s in stretch.version.services} for stretch in planned]
    costs: list[dict[str, int]] = [dict.fromkeys(b, 0) for b in budgets]
    for service, expected in forecast.items():
        places = [i for i, b in enumerate(budgets) if service in b]
        ones = [done.get(id(planned[i].version)) for i in places]
        so_far = [one.actuals.get(service, 0) if one else 0 for one in ones]
        left = [max(budgets[i][service] - (one.budgets[service] if one else 0), 0)
                for i, one in zip(places, ones, strict=True)]
        parts = _to_come(expected - sum(so_far), left)
        for i, actual, part in zip(places, so_far, parts, strict=True):
            costs[i][service] = actual + part
    ones = [done.get(id(stretch.version)) for stretch in planned]
    return [Spent(s, s.window.ends, budget, cost, one.faults if one else {}, None, one.better if one else {})
            for s, budget, cost, one in zip(planned, budgets, costs, ones, strict=True)]


def _to_come(amount: int, left: Sequence[int]) -> list[int]:
    """An amount over the versions by what is left of their plans; all to the last where nothing is left."""
    if not sum(left):
        return [0] * (len(left) - 1) + [amount]
    size = split(abs(amount), [Fraction(part) for part in left])
    return size if amount >= 0 else [-part for part in size]
