"""Options side by side: one year under today's rules, under other figures and under other agreements. Pure.

Every option is worked out by the code of a close, on the same books and forecast. Where an option changes rules only,
every service costs the same to the penny as under today's rules, and only who bears it differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from commissioning.agreement.model import Agreement
from commissioning.agreement.plan import stretches
from commissioning.agreement.reading import read_agreement
from commissioning.scenario.base import Base
from commissioning.scenario.levers import levers
from commissioning.scenario.run import Values, run
from commissioning.scenario.values import Lever
from commissioning.statement import COLUMNS, Statement
from ledger.errors import Place, PoolbookError, Refused
from ledger.language import Said

TODAY = "Today"
MOST_OPTIONS = 8


class NothingToCompare(PoolbookError):
    code = "nothing-to-compare"
    what = "there is no scenario and no other agreement to set beside today's rules"
    remedy = "name at least one: --scenarios S.xlsx, or --rules agreement-b.yaml"


class OptionsTooMany(PoolbookError):
    code = "options-too-many"
    what = "there are {count} options beside today's rules; a pack holds at most {most}"
    remedy = "make several packs, each with the options that are to be weighed against each other"


class OptionNameTwice(PoolbookError):
    code = "option-name-twice"
    what = "two options are called {name!r}"
    remedy = "give their files different names: an option goes by its file's name, and Today is today's rules"


class OptionOtherPartnership(PoolbookError):
    code = "option-other-partnership"
    what = "the option {name} is about the partnership {found!r}, not {wanted!r}"
    remedy = "compare options of one partnership only"


class OptionNotComparable(PoolbookError):
    code = "option-not-comparable"
    what = "the option {name} cannot be set beside today's rules: {fault}"
    remedy = ("begin from a copy of the agreement in force and change its rules, contributions and figures; the same "
              "partners, services and days keep every option about the same year")


@dataclass(frozen=True)
class Option:
    """One way to share the year. `kind`: today | scenario | rules. `values`: inputs changed, by path."""

    name: str
    kind: str
    base: Base
    values: Values = field(default_factory=dict)

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """Every input of the year under this option's agreement, by path."""
        return {lever.path: lever for lever in levers(self.base)}

    @property
    def changes_costs(self) -> bool:
        """Whether it also supposes other costs, so that its service total may differ."""
        return any(self.levers[path].at[:1] == ("year",) for path in self.values)


@dataclass(frozen=True)
class Worked:
    """An option worked out: the year's final statement, and what its agreement still lacks before it can be signed."""

    option: Option
    statement: Statement
    lacks: tuple[PoolbookError, ...] = ()

    @property
    def bears(self) -> dict[str, int]:
        """What each partner bears of the services' cost; with `parked` it sums to that cost."""
        return {p.id: p.share_of_actual for p in self.statement.partners}

    @property
    def due(self) -> dict[str, int]:
        """What each partner owes under the agreement for the year."""
        return {p.id: p.liability for p in self.statement.partners}

    @property
    def parked(self) -> dict[str, int]:
        """What no partner bears, by column of the statement; negative: put aside or carried on."""
        return {column: sum(getattr(s, column) for s in self.statement.services) for column in COLUMNS}

    @property
    def beside(self) -> int:
        """What is met otherwise, as from income of a fund; negative: what partners owe beyond the services' cost."""
        return self.total - sum(self.due.values()) - sum(self.parked.values())

    @property
    def total(self) -> int:
        """What all services cost."""
        return self.statement.totals.actual

    def of_service(self, service: str) -> dict[str, int]:
        """What each partner bears of one service."""
        line = next(line for line in self.statement.services if line.id == service)
        return {p.id: line.partners[p.id].actual if p.id in line.partners else 0 for p in self.statement.partners}


def work(option: Option, values: Values | None = None) -> Worked:
    """The option worked out, with further inputs changed. Raises what the engine raises."""
    result = run(option.base, option.levers, {**option.values, **(values or {})})
    found = Worked(option, result.statement, result.lacks)
    assert sum(found.bears.values()) + sum(found.parked.values()) == found.total, "the parts of a year sum to its cost"
    return found


def today(base: Base) -> Option:
    """The year as the agreement in force shares it."""
    return Option(TODAY, "today", base)


def scenario(name: str, base: Base, values: Values) -> Option:
    """The year with changed inputs."""
    return Option(name, "scenario", base, values)


def other_rules(name: str, base: Base, text: str, file: str = "") -> Option:
    """The year under another agreement. Raises `Refused` where that is about something else than this year."""
    agreement = read_agreement(text, file)
    wanted = base.agreement.partnership.id
    if agreement.partnership.id != wanted:
        raise Refused([OptionOtherPartnership(Place(file), name=name, found=agreement.partnership.id, wanted=wanted)])
    if fault := _unlike(base, agreement):
        raise Refused([OptionNotComparable(Place(file), name=name, fault=fault)])
    return Option(name, "rules", replace(base, text=text, agreement=agreement))


def _unlike(base: Base, agreement: Agreement) -> str:
    """In what another agreement differs so that its year would not be the same year; empty where in nothing."""
    ours, told = base.agreement, base.known.memoranda
    if (agreement.currency, agreement.calendar) != (ours.currency, ours.calendar):
        return Said("its currency, financial year or periods differ")
    if list(agreement.partners) != list(ours.partners):
        return Said("its partners are {found}, not {wanted}", found=", ".join(agreement.partners),
                    wanted=", ".join(ours.partners))
    if set(agreement.reserves) != set(ours.reserves):
        return Said("its reserves differ")
    moved = [(v.date, v.says["service"], v.says["amount"]) for v in told.virements]
    theirs = stretches(agreement, base.year, moved, told.carried_in)
    if [(s.version.effective, s.version.until) for s in theirs] != [
            (s.version.effective, s.version.until) for s in base.planned]:
        return Said("its versions take effect on other days of the year")
    for mine, other in zip(base.planned, theirs, strict=True):
        gone = {name: service.fund for name, service in mine.version.services.items()}
        here = {name: service.fund for name, service in other.version.services.items()}
        if gone != here:
            names = sorted(name for name in {*gone, *here} if gone.get(name) != here.get(name))
            return Said("its services or their funds differ ({names})", names=", ".join(names))
    return ""


def compare(options: Sequence[Option]) -> tuple[Worked, ...]:
    """Every option worked out; the first is today's rules. Refuses what would not be a comparison."""
    if len(options) < 2:
        raise Refused([NothingToCompare()])
    if len(options) > MOST_OPTIONS + 1:
        raise Refused([OptionsTooMany(count=len(options) - 1, most=MOST_OPTIONS)])
    seen: set[str] = set()
    for option in options:
        if option.name.casefold() in seen:
            raise Refused([OptionNameTwice(name=option.name)])
        seen.add(option.name.casefold())
    found = tuple(_named(option) for option in options)
    prove(found)
    return found


def _named(option: Option) -> Worked:
    """The option worked out; a refusal names it."""
    try:
        return work(option)
    except Refused as refused:
        raise refused.in_file(option.name) from None
    except PoolbookError as error:
        raise Refused([error]).in_file(option.name) from None


def prove(worked: Sequence[Worked]) -> dict[str, bool]:
    """Whether each service costs the same under every option that changes rules only; holds, or the code is wrong."""
    first = worked[0].statement
    alike: dict[str, bool] = {}
    for line in first.services:
        costs = [next(s.actual for s in one.statement.services if s.id == line.id) for one in worked]
        for one, cost in zip(worked, costs, strict=True):
            assert cost == line.actual or one.option.changes_costs, "rules share a cost, they do not change it"
        alike[line.id] = len(set(costs)) == 1
    return alike


def change(worked: Sequence[Worked], n: int) -> dict[str, int]:
    """By how much each partner owes more (+) or less (−) under the n-th option than today."""
    return less(worked[n].due, worked[0].due)


def less(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """By how much each partner has more in `one`."""
    return {partner: amount - other[partner] for partner, amount in one.items()}


def growth_of(option: Option, percent: int | Fraction) -> Mapping[str, Fraction]:
    """The inputs by which every service costs so many percent more than the option supposes."""
    found = {}
    for path, lever in option.levers.items():
        if lever.at[:1] == ("year",) and lever.at[-1] == "growth":
            own = option.values.get(path, lever.baseline)
            found[path] = (100 + own) * (100 + percent) / 100 - 100
    return found
