"""What the keys of an agreement must mean to each other: names that exist, sums that meet, one rule a service.

`faults` yields every fault with its path in the file; `reading` turns paths into lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from allocation.basis import Basis
from allocation.discovery import near
from allocation.distribution import Distribution, distribute
from allocation.errors import StepMisplaced
from allocation.groups import check_groups
from allocation.model import Facts
from allocation.step import Step
from allocation.steps.offset import Offset
from commissioning.agreement.account_words import added
from commissioning.agreement.derived import amounts
from commissioning.agreement.model import Agreement, Contribution, Rule, Service, Version
from commissioning.agreement.refusals import (
    ContributionIncomplete,
    DatesReversed,
    FundOfBothKinds,
    FundShort,
    HostMissing,
    InstalmentsMiss,
    InstalmentsYears,
    LeadMissing,
    LeaverContributes,
    LeaverJoins,
    LineOfSharedCost,
    OffsetNotShared,
    OffsetOrder,
    PlannedReserveElsewhere,
    ProfileLength,
    ProfileMisses,
    RuleCoversNothing,
    RuleOfBothKinds,
    RuleOfTwoFunds,
    RuleWithoutSteps,
    ServiceCoveredTwice,
    ServiceInOtherFund,
    TiersBackwards,
    TotalByContribution,
    VersionMissing,
    VersionsOverlap,
)
from commissioning.refusals.files import KeyMissing
from commissioning.refusals.names import (
    FundUnknown,
    IdReserved,
    NameTwice,
    OutcomeUnknown,
    PartnerUnknown,
    ReserveUnknown,
    ServiceUnknown,
)
from commissioning.statement import COLUMNS
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.money import grouped, round_half_up

CARRIED = "carry-forward"
"""The account of what is carried forward stands among the reserves' under this name."""

Path = tuple[str | int, ...]
Fault = tuple[Path, PoolbookError]


def faults(agreement: Agreement) -> Iterator[Fault]:
    """Every fault in what an agreement says, with the path at which it stands."""
    yield from ((("groups", name), fault) for name, fault in check_groups(agreement.parties, agreement.partners))
    for partner in agreement.partners:
        if partner in COLUMNS:
            yield ("partners", partner), IdReserved(id=partner)
    yield from ((("accounts", i), fault) for i, fault in added(agreement))
    yield from _reserves(agreement)
    yield from _versions(agreement)
    for i, version in enumerate(agreement.agreements):
        at: Path = ("agreements", i)
        yield from _funds(agreement, version, at)
        yield from _services(agreement, version, at)
        yield from _contributions(agreement, version, at)
        yield from _rules(agreement, version, at)
        yield from _results(agreement, version, at)
        yield from _balance(agreement, version, at)
        yield from _come_and_go(agreement, version, at)


def _unknown(kind: type[PoolbookError], name: str, known: Collection[str]) -> PoolbookError:
    return kind(name=name, known=", ".join(known) or Said("(none)"), hint=near(name, known))


def _named(kind: type[PoolbookError], names: Iterable[str], known: Collection[str], at: Path) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield at, _unknown(kind, name, known)


def _reserves(agreement: Agreement) -> Iterator[Fault]:
    funds = {fund for version in agreement.agreements for fund in version.funds}
    for name, reserve in agreement.reserves.items():
        if name == CARRIED:
            yield ("reserves", name), IdReserved(id=name)
        yield from _named(FundUnknown, [reserve.fund], funds, ("reserves", name, "fund"))
        yield from _named(PartnerUnknown, reserve.opening, agreement.partners, ("reserves", name, "opening"))


def _versions(agreement: Agreement) -> Iterator[Fault]:
    seen: set[str] = set()
    if not agreement.agreements:
        yield ("agreements",), VersionMissing()
    for i, version in enumerate(agreement.agreements):
        if version.id in seen:
            yield ("agreements", i, "id"), NameTwice(kind=Said("agreement"), name=version.id)
        seen.add(version.id)
        if version.until and version.until < version.effective:
            yield ("agreements", i, "until"), DatesReversed(until=version.until, effective=version.effective)
    order = sorted(range(len(agreement.agreements)), key=lambda i: agreement.agreements[i].effective)
    for i, j in pairwise(order):
        first, second = agreement.agreements[i], agreement.agreements[j]
        if first.effective == second.effective or (first.until and first.until >= second.effective):
            yield ("agreements", j, "effective"), VersionsOverlap(
                first=first.id, second=second.id, date=second.effective)


def _funds(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    for name, fund in version.funds.items():
        here: Path = (*at, "funds", name)
        if fund.host:
            yield from _named(PartnerUnknown, [fund.host], agreement.partners, (*here, "host"))
        elif fund.pooled:
            yield here, HostMissing(fund=name)
        for reserve in fund.planned_reserve:
            yield from _named(ReserveUnknown, [reserve], agreement.reserves, (*here, "planned_reserve", reserve))
            if reserve in agreement.reserves and agreement.reserves[reserve].fund != name:
                yield (*here, "planned_reserve", reserve), PlannedReserveElsewhere(
                    fund=name, reserve=reserve, its_fund=agreement.reserves[reserve].fund)


def _services(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    cost_shared = {s: rule.id for rule in version.rules if rule.cost for s in reached(version, rule)}
    for name, service in version.services.items():
        here: Path = (*at, "services", name)
        yield from _named(FundUnknown, [service.fund], version.funds, (*here, "fund"))
        if "budget" not in service.model_fields_set and name not in cost_shared:
            yield here, KeyMissing(key="budget")
        if service.lead:
            yield from _named(PartnerUnknown, [service.lead], agreement.partners, (*here, "lead"))
        if name in cost_shared and service.line in ("own", "host_bears"):
            yield (*here, "line"), LineOfSharedCost(service=name, line=service.line, rule=cost_shared[name])
        elif service.fund in version.funds:
            yield from _bearer(version, name, service, here)
        yield from _profile(agreement, service, here)
    for i, direction in enumerate(version.directions):
        yield from _named(ServiceUnknown, [direction.service], version.services, (*at, "directions", i, "service"))


def _bearer(version: Version, name: str, service: Service, here: Path) -> Iterator[Fault]:
    """Whoever is to keep a service's variance must be named."""
    line = version.line_of(name)
    if line == "own" and not version.lead_of(name):
        yield here, LeadMissing(service=name)
    if line == "host_bears" and not version.funds[service.fund].host:
        yield here, HostMissing(fund=service.fund)


def _profile(agreement: Agreement, service: Service, here: Path) -> Iterator[Fault]:
    if isinstance(service.profile, str):
        return
    count, periods = len(service.profile), agreement.calendar.periods_a_year
    if count != periods:
        yield (*here, "profile"), ProfileLength(count=count, periods=periods)
    elif sum(service.profile) != service.budget:
        yield (*here, "profile"), ProfileMisses(
            total=grouped(sum(service.profile), agreement.currency), budget=grouped(service.budget, agreement.currency))


def _contributions(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    for i, line in enumerate(version.contributions):
        here: Path = (*at, "contributions", i)
        yield from _named(FundUnknown, [line.fund], version.funds, (*here, "fund"))
        if line.partner:
            yield from _named(PartnerUnknown, [line.partner], agreement.partners, (*here, "partner"))
        single, derived = line.amount is not None and bool(line.partner), line.total is not None and line.by is not None
        if single == derived or (line.amount is not None and line.total is not None):
            yield here, ContributionIncomplete()
        if line.by and line.by.name in ("contribution", "activity"):
            yield (*here, "by"), TotalByContribution()
        elif line.by:
            yield from _derived(agreement, version, line, (*here, "by"))
        for service in line.services:
            yield from _fence(version, line, service, (*here, "services"))
        if line.starts and line.until and line.until < line.starts:
            yield (*here, "until"), DatesReversed(until=line.until, effective=line.starts)
        yield from _instalments(agreement, line, (*here, "instalments"))


def _derived(agreement: Agreement, version: Version, line: Contribution, here: Path) -> Iterator[Fault]:
    """A line that states a total rests on nothing but the agreement: what it cannot give is known when it is read."""
    assert line.by is not None
    found = list(_basis(agreement, line.by, (), here))
    yield from found
    if found or line.total is None or any(check_groups(agreement.parties, agreement.partners)):
        return
    try:
        amounts(agreement, version, line)
    except PoolbookError as fault:
        yield here, fault


def _fence(version: Version, line: Contribution, service: str, here: Path) -> Iterator[Fault]:
    if service not in version.services:
        yield here, _unknown(ServiceUnknown, service, version.services)
    elif version.services[service].fund != line.fund:
        yield here, ServiceInOtherFund(service=service, its_fund=version.services[service].fund, fund=line.fund)


def _instalments(agreement: Agreement, line: Contribution, here: Path) -> Iterator[Fault]:
    whole = line.amount if line.amount is not None else line.total
    if isinstance(line.instalments, str) or whole is None:
        return
    years = sorted({agreement.calendar.year_of(i.date).number for i in line.instalments})
    if len(years) > 1:
        yield here, InstalmentsYears(years=", ".join(f"FY{year}" for year in years))
    total = sum(i.amount for i in line.instalments)
    if total != whole:
        currency = agreement.currency
        yield here, InstalmentsMiss(total=grouped(total, currency), amount=grouped(whole, currency))


def _rules(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    seen: set[str] = set()
    covered: dict[tuple[str, bool], str] = {}
    for i, rule in enumerate(version.rules):
        here: Path = (*at, "rules", i)
        if rule.id in seen:
            yield (*here, "id"), NameTwice(kind=Said("rule"), name=rule.id)
        seen.add(rule.id)
        yield from _applies(version, rule, (*here, "applies_to"))
        named = bool(rule.applies_to.services)
        for service in reached(version, rule):
            if (service, named) in covered:
                yield (*here, "applies_to"), ServiceCoveredTwice(
                    first=covered[service, named], second=rule.id, service=service)
            covered.setdefault((service, named), rule.id)
        yield from _either(agreement, version, rule, here)
        taking_part = _taking_part(agreement, version, rule)
        for side in ("overspend", "underspend"):
            yield from _tiers(agreement, rule, side, here)
            for j, step in enumerate(rule.steps(side)):
                yield from _step(agreement, step, side, taking_part, (*here, side, j))
                yield from _services_of_step(version, i, step, (*here, side, j))


def _tiers(agreement: Agreement, rule: Rule, side: str, here: Path) -> Iterator[Fault]:
    """Tiers of one list rise."""
    before = -1
    for j, step in enumerate(rule.steps(side)):
        until = step.until()
        if until is not None and until < before:
            yield (*here, side, j), TiersBackwards(until=grouped(until, agreement.currency),
                                                   before=grouped(before, agreement.currency))
        before = max(before, until if until is not None else before)


def _either(agreement: Agreement, version: Version, rule: Rule, here: Path) -> Iterator[Fault]:
    """A rule shares a variance or a cost, and a fund has rules of one of the two kinds."""
    if not rule.overspend and not rule.underspend and rule.cost is None:
        yield here, RuleWithoutSteps(rule=rule.id)
    if rule.cost is None:
        return
    if rule.overspend or rule.underspend:
        yield (*here, "cost"), RuleOfBothKinds(rule=rule.id)
    funds = {version.services[s].fund for s in reached(version, rule)}
    others = [other.id for other in version.rules if other.cost is None
              and funds & {version.services[s].fund for s in reached(version, other)}]
    if others:
        yield (*here, "cost"), FundOfBothKinds(rule=rule.id, other=others[0])
    known = [*agreement.partners, *agreement.groups]
    yield from _named(PartnerUnknown, sorted(rule.cost.partners_named()), known, (*here, "cost"))
    taking_part = _taking_part(agreement, version, rule)
    for basis in rule.cost.bases():
        yield from (((*here, "cost"), fault) for fault in basis.check(taking_part, agreement.parties))


def _taking_part(agreement: Agreement, version: Version, rule: Rule) -> list[str]:
    """Who has a contribution line in the funds of a rule's services; everybody where a fund has no lines."""
    found: set[str] = set()
    for fund in {version.services[s].fund for s in reached(version, rule) if version.services[s].fund in version.funds}:
        lines = [line for line in version.contributions if line.fund == fund]
        found |= {line.partner for line in lines if line.partner} or set(agreement.partners)
        found |= set(agreement.partners) if any(line.by for line in lines) else set()
    return [p for p in agreement.partners if p in found]


def _services_of_step(version: Version, place: int, step: Step, here: Path) -> Iterator[Fault]:
    """The services that a step names exist; those of an offset are decided by a rule that comes later."""
    yield from _named(ServiceUnknown, sorted(step.services_named()), version.services, here)
    yield from _named(OutcomeUnknown, sorted(step.outcomes_named()), [o.id for o in version.outcomes], here)
    if not isinstance(step, Offset):
        return
    later = {s for rule in version.rules[place + 1:] for s in covered_by(version, rule)}
    cost_shared = {s for rule in version.rules if rule.cost for s in reached(version, rule)}
    for service in sorted(step.services_named() & version.services.keys()):
        if service in cost_shared or (version.services[service].fund in version.funds
                                      and version.line_of(service) != "shared"):
            yield here, OffsetNotShared(service=service)
        elif service not in later:
            yield here, OffsetOrder(service=service)


def _applies(version: Version, rule: Rule, here: Path) -> Iterator[Fault]:
    applies = rule.applies_to
    if applies.fund is not None:
        yield from _named(FundUnknown, [applies.fund], version.funds, (*here, "fund"))
    yield from _named(ServiceUnknown, applies.services, version.services, (*here, "services"))
    for service in applies.services:
        its_fund = version.services[service].fund if service in version.services else applies.fund
        if applies.fund is not None and its_fund != applies.fund:
            yield (*here, "services"), RuleOfTwoFunds(rule=rule.id, service=service, its_fund=its_fund,
                                                      fund=applies.fund)
    known = applies.fund is None or applies.fund in version.funds
    if known and all(s in version.services for s in applies.services) and not covered_by(version, rule):
        yield here, RuleCoversNothing(rule=rule.id)


def _step(agreement: Agreement, step: Step, side: str, taking_part: Collection[str], here: Path) -> Iterator[Fault]:
    if side not in step.sides:
        yield here, StepMisplaced(step=step.name, side=side, other=next(iter(step.sides)))
    basis = step.basis()
    if basis is not None:
        yield from _basis(agreement, basis, taking_part, here)
    of_basis = basis.partners_named() if basis else set()
    yield from _named(PartnerUnknown, sorted(step.partners_named() - of_basis), agreement.partners, here)
    yield from _named(ReserveUnknown, sorted(step.reserves_named()), agreement.reserves, here)


def _basis(agreement: Agreement, basis: Basis, taking_part: Collection[str], here: Path) -> Iterator[Fault]:
    """A share basis names partners and groups that exist, and its terms can be met."""
    known = [*agreement.partners, *agreement.groups]
    unknown = list(_named(PartnerUnknown, sorted(basis.partners_named()), known, here))
    yield from unknown
    if not unknown:
        yield from ((here, fault) for fault in basis.check(taking_part, agreement.parties))


def _results(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    """Outcomes are of services that exist, distributions out of funds that do, and each has an id of its own."""
    for part, kind, made in (("outcomes", Said("outcome"), version.outcomes),
                             ("distributions", Said("distribution"), version.distributions)):
        ids = [one.id for one in made]
        for i, name in enumerate(ids):
            if name in ids[:i]:
                yield (*at, part, i, "id"), NameTwice(kind=kind, name=name)
    for i, outcome in enumerate(version.outcomes):
        yield from _named(ServiceUnknown, [outcome.service], version.services, (*at, "outcomes", i, "service"))
    for i, pot in enumerate(version.distributions):
        if pot.fund:
            yield from _named(FundUnknown, [pot.fund], version.funds, (*at, "distributions", i, "fund"))
        if pot.basis is not None and pot.basis.name not in ("contribution", "activity"):
            yield from _divides(agreement, pot, (*at, "distributions", i))


def _divides(agreement: Agreement, pot: Distribution, here: Path) -> Iterator[Fault]:
    """A distribution whose basis looks at nothing but its own terms can be worked out when it is read."""
    partners = tuple(agreement.partners)
    try:
        distribute(pot, Facts(partners, partners, currency=agreement.currency, groups=agreement.parties))
    except PoolbookError as fault:
        yield here, fault


def _balance(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    """Contributions and planned reserve meet the budgets of a pooled fund, unless it says what happens if not.

    A fund that shares the cost itself is left out: contributions to it are advances.
    """
    sharing_cost = {version.services[s].fund for rule in version.rules if rule.cost for s in reached(version, rule)}
    for name, fund in version.funds.items():
        if not fund.pooled or fund.balance or name in sharing_cost:
            continue
        budgets = sum(s.budget for s in version.services.values() if s.fund == name)
        given = sum(_each_year(line) for line in version.contributions
                    if line.fund == name and line.kind != "user_charge") + sum(fund.planned_reserve.values())
        if given < budgets:
            said = [grouped(amount, agreement.currency) for amount in (budgets, given, budgets - given)]
            yield (*at, "funds", name), FundShort(fund=name, budgets=said[0], contributions=said[1], short=said[2])


def _each_year(line: Contribution) -> int:
    """What a line gives in a year: one that says so, without a day from which it runs, part of the year every year."""
    whole = line.amount or line.total or 0
    if line.part_year_months is None or line.starts is not None:
        return whole
    return round_half_up(Fraction(whole * line.part_year_months, 12))


def _come_and_go(agreement: Agreement, version: Version, at: Path) -> Iterator[Fault]:
    """Who leaves has no contribution line left; who joins buys into reserves that exist."""
    yield from _named(PartnerUnknown, version.leavers, agreement.partners, (*at, "leavers"))
    for partner in version.leavers:
        if any(line.partner == partner for line in version.contributions):
            yield (*at, "leavers", partner), LeaverContributes(partner=partner, version=version.id)
        if partner in version.joiners:
            yield (*at, "joiners", partner), LeaverJoins(partner=partner)
    yield from _named(PartnerUnknown, version.joiners, agreement.partners, (*at, "joiners"))
    for partner, terms in version.joiners.items():
        yield from _named(ReserveUnknown, terms.reserves, agreement.reserves, (*at, "joiners", partner, "reserves"))


def reached(version: Version, rule: Rule) -> list[str]:
    """The services that a rule reaches for: those it names, or all of its fund."""
    applies = rule.applies_to
    if applies.services:
        return [s for s in version.services if s in applies.services]
    return [s for s, terms in version.services.items() if terms.fund == applies.fund]


def covered_by(version: Version, rule: Rule) -> list[str]:
    """The services that a rule decides: a rule that names services goes before one that names their fund."""
    if rule.applies_to.services:
        return reached(version, rule)
    named = {s for other in version.rules for s in other.applies_to.services}
    return [s for s in reached(version, rule) if s not in named]


