"""How far each partner is exposed: many years drawn from stated chances, each shared out by the agreement's own rules.

Nothing here is a forecast: it says what follows if the stated chances are right. Pure; the same seed, the same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocation.discovery import near
from commissioning.exposure.draws import MILLION, draw
from commissioning.exposure.limits import Limit
from commissioning.exposure.many import Many
from commissioning.exposure.terms import FACTORS, Uncertainty
from commissioning.exposure.year import PARKED, Ground, Outcome
from commissioning.scenario.base import Base, Cost
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.money import largest_remainder, round_half_up, to_text

FORMAT = "poolbook.exposure/1"
_ALL = 100 * MILLION
_YEAR = 12 * MILLION
_UNIT = _ALL * _ALL * _YEAR


class ServiceNotSimulated(PoolbookError):
    code = "service-not-simulated"
    what = "chances are stated for {service!r}, {why}"
    remedy = "take it out of the chances, or write one of: {known}{hint}"


class NoYearWorkedOut(PoolbookError):
    code = "no-year-worked-out"
    what = "none of {draws} drawn years could be worked out; the first said: {fault}"
    remedy = "mend the agreement or the chances so that its rules can share the costs that are drawn"


@dataclass(frozen=True, slots=True)
class Range:
    """How an amount came out over all years, minor units. `p90`: nine of ten years stay at or below it."""

    p10: int
    p50: int
    p90: int
    mean: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class PartnerExposure:
    """`call`: what the partner bears beyond its plan (+) or is spared (−). `due`: what it owes in all.

    `transfer`: what it bears of the services' cost on average beyond (+) its share of the plan; over all partners
    these sum to zero. `called`: in how many years its call is above zero.
    """

    partner: str
    call: Range
    due: Range
    transfer: int
    called: int


@dataclass(frozen=True, slots=True)
class ReserveExposure:
    """`opening`: what the rules find in it. `exhausted`: in how many years nothing is left at the end."""

    reserve: str
    opening: int
    left: Range
    exhausted: int


@dataclass(frozen=True, slots=True)
class LimitExposure:
    """In how many years a cap, or what a step takes at most, is reached."""

    limit: Limit
    reached: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What follows from the stated chances. `years`: how many were worked out; `failed`: why others could not be.

    `services`: each service's cost. `parked`: what no partner bears, by column.
    """

    seed: int
    draws: int
    years: int
    partners: tuple[PartnerExposure, ...]
    services: Mapping[str, Range]
    reserves: tuple[ReserveExposure, ...]
    limits: tuple[LimitExposure, ...]
    parked: Mapping[str, Range]
    failed: Mapping[str, int]


def expose(base: Base, terms: Uncertainty) -> Exposure:
    """The exposure of every partner in the base's year. Raises `ServiceNotSimulated`, `NoYearWorkedOut`."""
    _check(base, terms)
    ground, drawn = Ground.of(base), list(years(base.costs, terms))
    many = Many.of(ground)
    if many is not None:
        return summary(ground, terms, list(zip(drawn, many.run(drawn), strict=True)), {})
    found: list[tuple[Sequence[int], Outcome]] = []
    failed: Counter[str] = Counter()
    for costs in drawn:
        try:
            found.append((costs, ground.run(costs)))
        except PoolbookError as error:
            failed[error.message] += 1
    if not found:
        raise NoYearWorkedOut(draws=terms.draws, fault=next(iter(failed)))
    return summary(ground, terms, found, failed)


def _check(base: Base, terms: Uncertainty) -> None:
    changeable = list(dict.fromkeys(cost.service for cost in base.costs))
    known = {service for stretch in base.planned for service in stretch.version.services}
    for service in terms.services:
        if service not in changeable:
            why = (Said("whose cost is shared case by case") if service in known
                   else Said("which the year's agreement does not have"))
            raise ServiceNotSimulated(service=service, why=why, known=", ".join(changeable),
                                      hint=near(service, changeable))


def years(costs: Sequence[Cost], terms: Uncertainty) -> Iterable[list[int]]:
    """Every drawn year's costs, in the order of `costs`, each rounded half up once."""
    drawn = draw(terms)
    nothing = [0] * terms.draws
    changes = [[drawn.get(f"{cost.service}.{factor}", nothing) for factor in FACTORS]
               for cost in costs]
    for year in range(terms.draws):
        yield [changed(cost.amount, *(values[year] for values in some))
               for cost, some in zip(costs, changes, strict=True)]


def changed(amount: int, demand: int, price: int, timing: int) -> int:
    """A cost after changes of demand and price (millionths of a percent) that comes so much later (of a month).

    Demand and price cannot fall below nothing. What comes later than the year's end falls out of the year; what comes
    earlier brings up to one more year's cost into it.
    """
    if not (demand or price or timing):
        return amount
    months = _YEAR - min(max(timing, -_YEAR), _YEAR)
    sized = abs(amount) * max(_ALL + demand, 0) * max(_ALL + price, 0) * months
    rounded = (2 * sized + _UNIT) // (2 * _UNIT)
    return rounded if amount >= 0 else -rounded


def spread(values: Iterable[int]) -> Range:
    """Nearest-rank percentiles: the least amount that so many percent of the years do not exceed."""
    ordered = sorted(values)
    count = len(ordered)

    def at(percent: int) -> int:
        return ordered[-(-percent * count // 100) - 1]
    return Range(at(10), at(50), at(90), round_half_up(Fraction(sum(ordered), count)), ordered[0], ordered[-1])


def summary(ground: Ground, terms: Uncertainty, found: Sequence[tuple[Sequence[int], Outcome]],
            failed: Mapping[str, int]) -> Exposure:
    """What many years say together."""
    outcomes = [outcome for _, outcome in found]
    transfers = _transfers(ground, outcomes)
    partners = tuple(PartnerExposure(p, spread(o.calls[i] for o in outcomes), spread(o.dues[i] for o in outcomes),
                                     transfers[i], sum(o.calls[i] > 0 for o in outcomes))
                     for i, p in enumerate(ground.partners))
    services = {service: spread(sum(costs[i] for i, cost in enumerate(ground.base.costs) if cost.service == service)
                                for costs, _ in found)
                for service in dict.fromkeys(cost.service for cost in ground.base.costs)}
    reserves = tuple(ReserveExposure(r, sum(ground.position.reserves[r].values()),
                                     spread(o.reserves[i] for o in outcomes), sum(o.reserves[i] <= 0 for o in outcomes))
                     for i, r in enumerate(ground.reserves))
    limits = tuple(LimitExposure(limit, sum(o.reached[i] for o in outcomes)) for i, limit in enumerate(ground.limits))
    parked = {column: spread(o.parked[i] for o in outcomes) for i, column in enumerate(PARKED)}
    return Exposure(terms.seed, terms.draws, len(found), partners, services, reserves, limits, parked, dict(failed))


def _transfers(ground: Ground, outcomes: Sequence[Outcome]) -> list[int]:
    """The mean over all years of what each bears less its share of the plan in what all bear; they sum to zero."""
    rows = ground.position.shares.rows.values()
    plan = [sum(row.budget.get(p, 0) for row in rows) for p in ground.partners]
    borne = [sum(o.borne[i] for o in outcomes) for i in range(len(plan))]
    if not sum(plan):
        return [0] * len(plan)
    exact = [Fraction(one, len(outcomes)) - Fraction(sum(borne) * part, sum(plan) * len(outcomes))
             for one, part in zip(borne, plan, strict=True)]
    return largest_remainder(exact)


def as_data(exposure: Exposure, currency: str) -> dict[str, Any]:
    """The exposure as plain data for JSON: amounts as decimal strings, chances as percent with two decimals.

    `{"format", "seed", "draws", "years", "partners": {partner: {"call": range, "due": range, "transfer",
    "chance_of_call"}}, "services": {service: range}, "reserves": {reserve: {"opening", "left": range,
    "chance_exhausted"}}, "limits": [{"rule", "reference", "side", "step", "kind", "partner" | null, "amount",
    "chance_reached"}], "parked": {column: range}, "failed": [{"because", "years"}]}`, where a range is
    `{"p10", "p50", "p90", "mean", "least", "most"}`.
    """
    def money(amount: int) -> str:
        return to_text(amount, currency)

    def chance(times: int) -> str:
        hundredths = round_half_up(Fraction(times * 10_000, exposure.years))
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    def told(one: Range) -> dict[str, str]:
        return {name: money(getattr(one, name)) for name in ("p10", "p50", "p90", "mean", "least", "most")}

    return {
        "format": FORMAT, "seed": exposure.seed, "draws": exposure.draws, "years": exposure.years,
        "partners": {one.partner: {"call": told(one.call), "due": told(one.due), "transfer": money(one.transfer),
                                   "chance_of_call": chance(one.called)} for one in exposure.partners},
        "services": {service: told(one) for service, one in exposure.services.items()},
        "reserves": {one.reserve: {"opening": money(one.opening), "left": told(one.left),
                                   "chance_exhausted": chance(one.exhausted)} for one in exposure.reserves},
        "limits": [{"rule": one.limit.rule, "reference": one.limit.reference, "side": one.limit.side,
                    "step": one.limit.step, "kind": one.limit.name, "partner": one.limit.partner or None,
                    "amount": money(one.limit.amount), "chance_reached": chance(one.reached)}
                   for one in exposure.limits],
        "parked": {column: told(one) for column, one in exposure.parked.items()},
        "failed": [{"because": why, "years": times} for why, times in exposure.failed.items()]}
