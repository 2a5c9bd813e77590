"""What was planned: budgets and contributions of a financial year, by the versions of the agreement in force in it.

A version that is in force all year counts in full, and its plan to date goes by periods; one that is not counts for
its days (AGREEMENTS 2 and 2.7). Pure: exact fractions inside, whole minor units out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

from allocation.model import Facts
from commissioning.agreement.checks import reached
from commissioning.agreement.derived import amounts
from commissioning.agreement.model import Agreement, Version
from contributions.model import CASH_KINDS, Line, Window
from contributions.rules import due_to_date, year_amount
from ledger.calendar import ONE_DAY, Year, overlap_days
from ledger.money import round_half_up, split


@dataclass(frozen=True)
class Stretch:
    """One version of the agreement within one financial year: the days on which it is in force, and its terms."""

    agreement: Agreement
    version: Version
    year: Year
    window: Window
    moved: Mapping[str, int] = field(default_factory=dict)  # by virements this year, and carried forward from last

    @property
    def whole_year(self) -> bool:
        return self.window == Window(self.year.starts, self.year.ends)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The version's contribution lines, those derived from a total included."""
        return tuple(_lines(self.agreement, self.version))

    @cached_property
    def cost_funds(self) -> frozenset[str]:
        """The funds whose rules share the cost itself; contributions to them are advances."""
        found = set()
        for rule in self.version.rules:
            if rule.cost is not None:
                found |= {self.version.services[s].fund for s in reached(self.version, rule)}
        return frozenset(found)

    def owes(self, line: Line) -> bool:
        """Whether a line is owed in itself: not what users pay, and not an advance on a share of cost."""
        return line.kind in CASH_KINDS and line.fund not in self.cost_funds

    def partners_of(self, funds: Iterable[str]) -> tuple[str, ...]:
        """Who takes part in these funds: partners with a contribution line there; in a fund without lines, all."""
        found: set[str] = set()
        for fund in funds:
            with_line = {line.partner for line in self.lines if line.fund == fund}
            found |= with_line or set(self.agreement.partners)
        return tuple(p for p in self.agreement.partners if p in found)

    def contributions(self, services: Iterable[str]) -> dict[str, int]:
        """c_i: the full year's cash, in-kind and grant lines of the services' funds, ring-fenced ones where covered."""
        covered = set(services)
        funds = {self.version.services[s].fund for s in covered}
        found: dict[str, int] = {}
        for line in self.lines:
            if line.fund in funds and line.kind in CASH_KINDS and (not line.services or covered & set(line.services)):
                found[line.partner] = found.get(line.partner, 0) + self.full_amount(line)
        return found

    def facts(self, services: Iterable[str], received: Mapping[tuple[str, str], int] = MappingProxyType({}),
              units: Mapping[tuple[str, str], int] = MappingProxyType({})) -> Facts:
        """What a share basis may look at for these services.

        `received`: paid this year by fund and partner. `units`: used this year by service and partner, in millionths.
        """
        covered, partners = list(services), tuple(self.agreement.partners)
        funds = {self.version.services[s].fund for s in covered}
        paid = {p: sum(received.get((fund, p), 0) for fund in funds) for p in partners}
        used = {p: sum(units.get((service, p), 0) for service in covered) for p in partners}
        return Facts(partners, self.partners_of(funds), self.contributions(covered), paid, self.agreement.currency,
                     units=used, groups=self.agreement.parties)

    def annual_budget(self, service: str) -> int:
        """The service's budget for the year while this version is in force."""
        return self.budget_to(service, self.year.ends)

    def full_budget(self, service: str) -> int:
        """The service's budget for a full year under this version, with what virements moved."""
        return self.version.services[service].budget + self.moved.get(service, 0)

    def budget_to(self, service: str, date: dt.date) -> int:
        """The plan to date: the service's budget up to a day that ends a period, rounded half up on running totals.

        A virement changes it in proportion to the plan, as if it had been so since the version began.
        """
        to_date, whole = self._planned(service, date), self._planned(service, self.window.ends)
        moved = self.moved.get(service, 0)
        part = to_date / whole if whole else self.passed(date) / self.passed(self.window.ends)
        return round_half_up(to_date + moved * part)

    def planned_exactly(self, service: str) -> Fraction:
        """The plan over the version's days, exact, before virements."""
        return self._planned(service, self.window.ends)

    def _planned(self, service: str, date: dt.date) -> Fraction:
        """The plan to a day, exact, before virements."""
        terms = self.version.services[service]
        if isinstance(terms.profile, tuple):
            return self._by_profile(terms.profile, date)
        return terms.budget * self.passed(date)

    def _by_profile(self, profile: tuple[int, ...], date: dt.date) -> Fraction:
        """A list profile runs by periods, and by days within a period in which the version begins or ends."""
        total = Fraction(0)
        for amount, period in zip(profile, self.year.periods(), strict=True):
            days = overlap_days(period.starts, period.ends, self.window.starts, min(self.window.ends, date))
            total += Fraction(amount * days, (period.ends - period.starts).days + 1)
        return total

    def days_to(self, date: dt.date) -> int:
        """How many days of the window have passed, the day itself included."""
        return max((min(self.window.ends, date) - self.window.starts).days + 1, 0)

    def planned_reserves(self, date: dt.date) -> dict[str, int]:
        """How much of each reserve the plan uses up to a day, by reserve: the plan's amount, as budgets run."""
        found: dict[str, int] = {}
        for fund in self.version.funds.values():
            for reserve, amount in fund.planned_reserve.items():
                found[reserve] = found.get(reserve, 0) + round_half_up(amount * self.passed(date))
        return found

    def gaps(self, date: dt.date) -> dict[str, int]:
        """What contributions fall short of budgets up to a day, by service, in funds that share their gap.

        A fund's gap is of the version's days; it runs evenly and lies on the fund's services by their budgets.
        """
        found: dict[str, int] = {}
        for fund, terms in self.version.funds.items():
            services = [s for s, of in self.version.services.items() if of.fund == fund]
            short = self._short(fund) if terms.balance == "share" else 0
            amount = round_half_up(short * self.passed(date) / self.passed(self.window.ends))
            if amount > 0:
                budgets = [self.version.services[s].budget for s in services]
                found.update(zip(services, split(amount, budgets), strict=True))
        return found

    def _short(self, fund: str) -> int:
        """What a pooled fund's contributions and planned reserve are short of its budgets, over the version's days."""
        terms = self.version.funds[fund]
        if not terms.pooled or fund in self.cost_funds:
            return 0
        budgets = sum((self._planned(s, self.window.ends) for s, of in self.version.services.items()
                       if of.fund == fund), Fraction(0))
        given = sum(self.amount(line) for line in self.lines if line.fund == fund and line.kind in CASH_KINDS)
        planned = sum(terms.planned_reserve.values()) * self.passed(self.window.ends)
        return max(round_half_up(budgets) - given - round_half_up(planned), 0)

    def passed(self, date: dt.date) -> Fraction:
        """The part of the year that an even plan has run by a day that ends a period."""
        if not self.whole_year:
            return Fraction(self.days_to(date), self.year.days)
        periods = self.year.periods()
        return Fraction(sum(p.ends <= date for p in periods), len(periods))

    def due(self, line: Line, date: dt.date) -> int:
        """How much of a line has fallen due by a day."""
        return due_to_date(line, self.year, self.window, date)

    def full_amount(self, line: Line) -> int:
        """A line's amount for the whole year, as c_i counts it: a part-year line for its part."""
        return year_amount(line, self.year, Window(self.year.starts, self.year.ends))

    def amount(self, line: Line) -> int:
        """A line's amount for the year while this version is in force."""
        return year_amount(line, self.year, self.window)

    def budget_shares(self, service: str) -> dict[str, Fraction]:
        """Who meets a service's budget: its lead for an `own` line; else ring-fenced money first, the rest by c_i.

        Where all money for a service is ring-fenced, that is its c_i; equal parts where there is none at all.
        """
        terms = self.version.services[service]
        if self.version.line_of(service) == "own":
            return {self.version.lead_of(service): Fraction(1)}
        fenced, free = self._fenced(service), self._free(terms.fund)
        budget = Fraction(self.full_budget(service))
        held = sum(fenced.values(), Fraction(0))
        if held and not free:
            return {p: fenced[p] / held for p in self.agreement.partners if p in fenced}
        free = free or dict.fromkeys(self.partners_of([terms.fund]), 1)
        if budget and held:
            part = min(Fraction(1), budget / held)
            fenced = {p: amount * part / budget for p, amount in fenced.items()}
        rest = 1 - sum(fenced.values(), Fraction(0)) if budget else Fraction(1)
        fenced = fenced if budget else {}
        whole = sum(free.values())
        return {p: fenced.get(p, Fraction(0)) + rest * free.get(p, 0) / whole
                for p in self.agreement.partners if p in fenced or p in free}

    def _fenced(self, service: str) -> dict[str, Fraction]:
        """Money ring-fenced for this service; a line fenced for several is divided by their budgets."""
        found: dict[str, Fraction] = {}
        for line in self.lines:
            if service not in line.services or line.kind not in CASH_KINDS:
                continue
            budgets = {s: max(self.full_budget(s), 0) for s in line.services}  # a virement may take more than there is
            part = Fraction(budgets[service], sum(budgets.values())) if sum(budgets.values()) else Fraction(0)
            found[line.partner] = found.get(line.partner, Fraction(0)) + self.full_amount(line) * part
        return found

    def _free(self, fund: str) -> dict[str, int]:
        """Money of the fund that is not ring-fenced."""
        lines = [line for line in self.lines if line.fund == fund and line.kind in CASH_KINDS]
        free: dict[str, int] = {}
        for line in lines:
            if not line.services and self.full_amount(line):
                free[line.partner] = free.get(line.partner, 0) + self.full_amount(line)
        return free

    def unused_fenced(self, service: str, date: dt.date, actual: int,
                      most: int | None = None) -> dict[str, int]:
        """Ring-fenced money planned to date for a service and not used there, by source; in all at most `most`."""
        budget = self.full_budget(service)
        to_date = max(self.budget_to(service, date), 0)
        planned = {p: round_half_up(amount * to_date / budget) if budget > 0 else 0
                   for p, amount in self._fenced(service).items()}
        unused = max(min(sum(planned.values()), to_date) - actual, 0)
        unused = unused if most is None else min(unused, most)
        return dict(zip(planned, split(unused, list(planned.values())), strict=True)) if sum(planned.values()) else {}


def stretches(agreement: Agreement, year: Year, virements: Iterable[tuple[dt.date, str, int]] = (),
              carried_in: Mapping[str, int] = MappingProxyType({})) -> list[Stretch]:
    """The versions in force in a financial year, in order, each with its days.

    `virements`: day, service and amount of budget moved; each moves the budget of the version in force on its day.
    `carried_in`: what last year left to services; it adds to the budgets of the year's first version.
    """
    told = list(virements)
    versions = agreement.versions()
    far = dt.date.max
    found: list[Stretch] = []
    for version, after in pairwise([*versions, None]):
        assert version is not None
        ends = min(version.until or far, after.effective - ONE_DAY if after else far, year.ends)
        starts = max(version.effective, year.starts)
        if starts <= ends:
            moved = {s: amount for s, amount in carried_in.items() if s in version.services} if not found else {}
            for _, service, amount in (v for v in told if starts <= v[0] <= ends):
                moved[service] = moved.get(service, 0) + amount
            found.append(Stretch(agreement, version, year, Window(starts, ends), moved))
    return found


def _lines(agreement: Agreement, version: Version) -> Iterable[Line]:
    for terms in version.contributions:
        if terms.by is None or terms.total is None:
            yield terms.line(terms.partner, terms.amount or 0)
            continue
        for partner, amount in amounts(agreement, version, terms).items():  # a line of nothing is still a line
            yield terms.line(partner, amount)
