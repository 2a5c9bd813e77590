"""Where a pool's money comes from, source by source, on which services each is spent, and whether that is enough. Pure.

No rule of an agreement says which pound paid for what. Here, as a return of minimum spending asks: ring-fenced money is
spent first, line by line, on its own services; other money meets the rest of its fund's cost in proportion to what each
source gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from commissioning.agreement.plan import Stretch
from commissioning.closing.position import Position
from commissioning.reports.books import Books
from contributions.model import CASH_KINDS
from ledger.model import Movement
from ledger.money import split

RECEIVABLE = "assets:contributions-receivable:"


@dataclass(slots=True)
class Source:
    """One contribution line of the year. `services`: ring-fenced for these. `spent`: on which service how much."""

    fund: str
    partner: str
    source: str
    kind: str
    services: tuple[str, ...]
    agreed: int = 0
    due: int = 0
    received: int = 0
    spent: dict[str, int] = field(default_factory=dict)

    @property
    def spending(self) -> int:
        return sum(self.spent.values())


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources with their spending; cash that named none of them, by partner; cost met otherwise, by service."""

    sources: tuple[Source, ...]
    unnamed: Mapping[str, int]
    otherwise: Mapping[str, int]


def sources(books: Books, actuals: Mapping[str, int], funds: Mapping[str, str]) -> Sources:
    """The year's sources. `actuals`: each service's cost to date; `funds`: the fund of each service."""
    found = _lines(books.position)
    unnamed = _received(found, books.year)
    left = {service: max(amount, 0) for service, amount in actuals.items()}
    for one in found:
        if one.services:
            _spend([one], {s: left[s] for s in one.services if s in left}, left)
    for fund in dict.fromkeys(funds.values()):
        free = [one for one in found if one.fund == fund and not one.services]
        _spend(free, {s: left[s] for s, its in funds.items() if its == fund and s in left}, left)
    assert all(amount >= 0 for amount in left.values()), "no service is paid for twice"
    return Sources(tuple(found), unnamed, {s: amount for s, amount in left.items() if amount})


def _lines(position: Position) -> list[Source]:
    """Each line once, with its amounts over all versions of the year."""
    found: dict[tuple[str, str, str, str, tuple[str, ...]], Source] = {}

    def add(stretches: Iterable[Stretch], *, agreed: bool) -> None:
        for stretch in stretches:
            for line in (line for line in stretch.lines if line.kind in CASH_KINDS):
                key = (line.fund, line.partner, line.source, line.kind, line.services)
                one = found.setdefault(key, Source(*key))
                if agreed:
                    one.agreed += stretch.amount(line)
                else:
                    one.due += stretch.due(line, position.period.ends)

    add(position.planned, agreed=True)
    add(position.begun, agreed=False)
    return list(found.values())


def _received(found: Sequence[Source], movements: Iterable[Movement]) -> dict[str, int]:
    """Gives each line the cash that named it; answers the rest by partner.

    Cash names a line by its fund and source, or by its fund where the partner has one line of cash there.
    """
    unnamed: dict[str, int] = defaultdict(int)
    for m in movements:
        if m.kind != "contribution" or not m.account.startswith(RECEIVABLE):
            continue
        own = [one for one in found if (one.fund, one.partner) == (m.fund, m.partner) and one.kind != "in_kind"]
        named = [one for one in own if one.source == m.source]
        target = named[:1] if named else own if len(own) == 1 and not m.source else []
        for one in target:
            one.received -= m.amount
        if not target:
            unnamed[m.partner] -= m.amount
    return {partner: amount for partner, amount in unnamed.items() if amount}


def _spend(givers: Sequence[Source], on: Mapping[str, int], left: dict[str, int]) -> None:
    """Spends these sources on what is left to pay of these services, each in proportion to what it gives.

    Of each source as much as it gives and there is to pay, divided among the services by what is left of each.
    """
    room = sum(on.values())
    amounts = [one.agreed for one in givers]
    for one, part in zip(givers, split(min(room, sum(amounts)), amounts) if sum(amounts) else [], strict=False):
        open_ = {s: left[s] for s in on}
        if not part:
            continue
        for service, paid in zip(open_, split(part, list(open_.values())), strict=True):
            if paid:
                one.spent[service] = one.spent.get(service, 0) + paid
                left[service] -= paid
