"""What changed from one issue of a statement to another, and which entries did it: every figure, every cause.

Figures follow from the entries up to an issue's head and from the agreement then in force, so what was recorded
between two heads is all there is to explain a difference. The cost of each service is reconciled to the penny.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from sqlalchemy import Connection

from commissioning import store
from commissioning.agreement.changes import changes
from commissioning.books.figures import INSTALMENT, REDONE, SHARE, SQUARE, is_cost
from commissioning.closing.known import current, read_kept
from commissioning.events.model import KINDS, details_of
from commissioning.statement import Statement
from ledger import store as books_store
from ledger.errors import PoolbookError
from ledger.model import Book, Period, Recorded

ABOUT = frozenset({"partnership", "name", "currency", "period", "starts", "ends", "issue", "agreements", "known_at",
                   "entries", "head", "working", "checks"})
"""Parts of a statement that say what it is and how it came about, and are no figures."""
MADE = frozenset({INSTALMENT, SHARE, SQUARE, REDONE, "carry_forward", "lending"})
"""Kinds of entry that a close works out and posts by itself."""


class IssuesOrder(PoolbookError):
    code = "issues-order"
    what = "issue {before} of the statement for {period} does not come before issue {after}"
    remedy = "name the earlier issue first, for example 1:2; 0 is a draft of how it would be now"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that is not what it was, in minor units; None where the line is only in one of the two."""

    path: str
    before: int | None
    after: int | None

    @property
    def change(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Word:
    """Something other than an amount that is not what it was: a status, a name, a measure."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cause:
    """An entry recorded between the two issues. `amount` in minor units: what it is of, or its debits."""

    number: int
    recorded_at: dt.datetime
    kind: str
    reference: str
    date: dt.date
    amount: int
    service: str
    partner: str
    belongs_to: str
    memo: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How far a service's actual moved, and how much of that the entries' cost comes to: all of it, or see why."""

    service: str
    change: int
    entries: int


@dataclass(frozen=True, slots=True)
class Applied:
    """An agreement file put in force between the two issues, with what it changed in words."""

    number: int
    recorded_at: dt.datetime
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything between two statements of one period. Of the causes: what was recorded for the year to the period's
    end, what was dated earlier, what belongs to the year but is dated later and so is not in these figures, what the
    close worked out from all this, and the steps that were taken.
    """

    before: Statement
    after: Statement
    figures: tuple[Figure, ...]
    words: tuple[Word, ...]
    recorded: tuple[Cause, ...]
    earlier: tuple[Cause, ...]
    later: tuple[Cause, ...]
    worked_out: tuple[Cause, ...]
    steps: tuple[Cause, ...]
    agreements: tuple[Applied, ...]
    services: tuple[Reconciled, ...]


def differences(conn: Connection, book: Book, before: Statement, after: Statement) -> Differences:
    """What lies between two statements of one period, the earlier one first; `book` says with whose eyes.

    Of one partner, what its extracts differ in and the entries that it sees; there, cost is not reconciled.
    """
    if (before.period, before.partnership) != (after.period, after.partnership) or before.entries > after.entries:
        raise IssuesOrder(before=before.issue, after=after.issue, period=before.period)
    between = books_store.entries(conn, book, after=before.entries, upto=after.entries)
    figures, words = _changed(before, after)
    groups = _groups(between, after, {p.id for p in _year(conn, book, after)})
    told = {name: tuple(_cause(one) for one in some) for name, some in groups.items()}
    services = () if book.partner else tuple(_reconciled(before, after, [*groups["recorded"], *groups["worked_out"]]))
    return Differences(before, after, figures, words, told["recorded"], told["earlier"], told["later"],
                       told["worked_out"], told["steps"], tuple(_applied(conn, book, between)), services)


def _year(conn: Connection, book: Book, of: Statement) -> list[Period]:
    year = current(conn, book).calendar.year_of(of.ends)
    return [p for p in books_store.periods(conn, book) if year.starts <= p.starts <= year.ends]


def _groups(between: Iterable[Recorded], after: Statement, year: set[str]) -> dict[str, list[Recorded]]:
    """Each entry in the one group that it belongs to; what has nothing to do with the year is in none."""
    found: dict[str, list[Recorded]] = {name: [] for name in ("recorded", "earlier", "later", "worked_out", "steps")}
    for one in between:
        name = _group(one, after, year)
        if name:
            found[name].append(one)
    return found


def _group(one: Recorded, after: Statement, year: set[str]) -> str:
    kind, date = one.entry.kind, one.entry.date
    if kind == "agreement":
        return ""
    if date > after.ends:
        return "later" if one.entry.belongs_to in year else ""
    if kind in MADE:
        return "worked_out"
    if kind not in KINDS and not one.entry.postings:
        return "steps" if date >= after.starts else ""
    return "recorded" if date >= after.starts else "earlier"


def _cause(one: Recorded) -> Cause:
    e = one.entry
    says = details_of(e.details) if e.details else {}
    amount = says.get("amount") if e.kind in KINDS else None
    if not isinstance(amount, int):
        amount = sum(p.amount for p in e.postings if p.amount > 0)
    return Cause(one.number, one.recorded_at, e.kind, e.reference, e.date, amount,
                 _joined(says.get("service", ""), (p.service for p in e.postings)),
                 _joined(says.get("partner", ""), (p.partner for p in e.postings)), e.belongs_to, e.memo)


def _joined(said: str, words: Iterable[str]) -> str:
    return said or ", ".join(dict.fromkeys(word for word in words if word))


def _reconciled(before: Statement, after: Statement, entries: Iterable[Recorded]) -> Iterator[Reconciled]:
    was = {line.id: line.actual for line in before.services}
    now = {line.id: line.actual for line in after.services}
    cost: dict[str, int] = {}
    for line in (line for one in entries for line in one.entry.postings):
        if line.service and is_cost(line.account):
            cost[line.service] = cost.get(line.service, 0) + line.amount
    for service in dict.fromkeys((*was, *now, *cost)):
        change = now.get(service, 0) - was.get(service, 0)
        if change or cost.get(service, 0):
            yield Reconciled(service, change, cost.get(service, 0))


def _applied(conn: Connection, book: Book, between: Iterable[Recorded]) -> Iterator[Applied]:
    """The agreements applied between, each compared with the one before it."""
    moments = {one.number: one.recorded_at for one in between if one.entry.kind == "agreement"}
    previous = None
    for number, text in store.agreements(conn, book):
        agreement = read_kept(text)
        if number in moments:
            yield Applied(number, moments[number], tuple(changes(previous, agreement)))
        previous = agreement


# Figures

def _changed(before: Statement, after: Statement) -> tuple[tuple[Figure, ...], tuple[Word, ...]]:
    was, now = dict(_values(before)), dict(_values(after))
    figures, words = [], []
    for path in dict.fromkeys((*was, *now)):
        old, new = was.get(path), now.get(path)
        if old == new:
            continue
        if isinstance(old, str) or isinstance(new, str):
            words.append(Word(path, str(old or ""), str(new or "")))
        elif old or new:  # a line of nothing that is new says nothing
            figures.append(Figure(path, old, new))
    return tuple(figures), tuple(words)


def _values(statement: Statement) -> Iterator[tuple[str, int | str]]:
    for field in fields(statement):
        if field.name not in ABOUT:
            yield from _below(field.name, getattr(statement, field.name))


def _below(path: str, value: object) -> Iterator[tuple[str, int | str]]:
    """Every figure and word below a path, by path: lines of a table by their id."""
    if isinstance(value, bool):
        yield path, "yes" if value else "no"
    elif isinstance(value, int | str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _below(f"{path}.{key}", item)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from _below(f"{path}.{_name(item) or at}", item)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("id", "case"):
                yield from _below(f"{path}.{field.name}", getattr(value, field.name))


def _name(line: object) -> str:
    return str(getattr(line, "id", "") or getattr(line, "case", ""))
