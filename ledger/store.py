"""What the books say: every query, in set-based SQL; the only module that reads their tables."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, text, union_all
from sqlalchemy.sql.elements import ColumnElement

from ledger import bulk, refusals, visibility
from ledger.chain import START, CellWords
from ledger.model import Book, Entry, Head, Movement, Period, Posting, Recorded
from ledger.tables import (
    WORDS,
    account,
    batch,
    cell,
    idempotency,
    movement,
    partnership,
    period,
    period_status,
    posting,
)
from ledger.tables import (
    entry as entries_table,
)

T = TypeVar("T")
GROUPS = ("account", *WORDS, "period")  # what balances may be broken down by
_NEW_BOOKS = 0x626F6F6B  # the number of a lock: any will do
_PAGE = 2_000  # entries read at a time when streaming
_MOST_NUMBERS = 500  # numbers in one IN list


@dataclass(frozen=True, slots=True)
class Remembered:
    """The first answer given to a request that carried an idempotency key."""

    request_hash: bytes
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch as it was sealed: its entries, when, and the chain's hash before and after them."""

    number: int
    first: int
    last: int
    recorded_at: dt.datetime
    prev_hash: bytes
    hash: bytes


# Partnerships and periods

def books(conn: Connection) -> list[Book]:
    """Every partnership in the database, by id."""
    rows = conn.execute(select(*partnership.c["partnership_key", "id", "name", "currency"]))
    return sorted((Book(*row) for row in rows), key=lambda found: found.id)


def book(conn: Connection, id_: str) -> Book:
    """The partnership of that id; refuses an unknown one."""
    row = conn.execute(select(*partnership.c["partnership_key", "id", "name", "currency"])
                       .where(partnership.c.id == id_)).first()
    if row is None:
        raise refusals.PartnershipUnknown(partnership=id_)
    return Book(*row)


def lock(conn: Connection, of: Book) -> None:
    """Queues behind other writers of the same partnership (SQLite queued them at BEGIN IMMEDIATE)."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(partnership.c.partnership_key).where(partnership.c.partnership_key == of.key)
                     .with_for_update(key_share=True))


def locked_book(conn: Connection, id_: str) -> Book:
    """As `book`, once every other writer to it has finished: one question instead of two."""
    query = select(*partnership.c["partnership_key", "id", "name", "currency"]).where(partnership.c.id == id_)
    row = conn.execute(query.with_for_update(key_share=True) if conn.dialect.name == "postgresql" else query).first()
    if row is None:
        raise refusals.PartnershipUnknown(partnership=id_)
    return Book(*row)


def lock_new(conn: Connection) -> None:
    """Queues behind others who may be opening books of the same id just now."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_NEW_BOOKS)))  # a role may take it that may not lock tables


def head(conn: Connection, of: Book) -> Head:
    """How many entries the books hold and the chain's hash over them."""
    last = last_batch(conn, of)
    return Head(last.last, last.hash.hex()) if last else Head(0, START.hex())


def last_batch(conn: Connection, of: Book) -> Sealed | None:
    """The newest seal; None while the books are empty."""
    row = conn.execute(_batches(of).order_by(batch.c.batch_number.desc()).limit(1)).first()
    return None if row is None else Sealed(*row)


def batches(conn: Connection, of: Book) -> list[Sealed]:
    """Every seal in order."""
    return [Sealed(*row) for row in conn.execute(_batches(of).order_by(batch.c.batch_number))]


def _batches(of: Book) -> Select[Any]:
    return select(*batch.c["batch_number", "first_entry", "last_entry", "recorded_at", "prev_hash", "hash"]).where(
        batch.c.partnership_key == of.key)


def status_steps(conn: Connection, of: Book) -> dict[int, int]:
    """By period number, how often its status has changed: odd means closed."""
    c = period_status.c
    rows = conn.execute(select(c.period_number, func.max(c.seq)).where(c.partnership_key == of.key)
                        .group_by(c.period_number))
    return {row[0]: row[1] for row in rows}


def periods(conn: Connection, of: Book) -> list[Period]:
    """The calendar in order, each period open or closed."""
    steps = status_steps(conn, of)
    rows = conn.execute(select(*period.c["number", "id", "starts", "ends"]).where(period.c.partnership_key == of.key)
                        .order_by(period.c.number))
    return [Period(number, id_, starts, ends, steps.get(number, 0) % 2 == 1) for number, id_, starts, ends in rows]


# Accounts and cells

def accounts(conn: Connection, of: Book) -> list[str]:
    """Every account by path, in order of the path."""
    return sorted(conn.scalars(select(account.c.path).where(account.c.partnership_key == of.key,
                                                            visibility.path(of.partner))))


def account_keys(conn: Connection, of: Book, paths: Iterable[str]) -> dict[str, int]:
    """The keys of those of these accounts that exist."""
    sql = """SELECT a.path, a.account_key FROM {given} JOIN account a
             ON a.partnership_key = :partnership_key AND a.path = given.path"""
    return {row[0]: row[1] for row in _joined(conn, of, sql, ("path",), [(path,) for path in paths])}


def cell_keys(conn: Connection, of: Book, cells: Iterable[CellWords]) -> dict[CellWords, int]:
    """The keys of those of these cells that exist."""
    same = " AND ".join(f"c.{word} = given.{word}" for word in WORDS)
    sql = f"""SELECT given.path, {', '.join(f'c.{word}' for word in WORDS)}, c.cell_key FROM {{given}}
              JOIN account a ON a.partnership_key = :partnership_key AND a.path = given.path
              JOIN cell c ON c.partnership_key = :partnership_key AND c.account_key = a.account_key AND {same}"""  # noqa: S608
    found = _joined(conn, of, sql, ("path", *WORDS), cells)
    return {(r[0], r[1], r[2], r[3], r[4], r[5], r[6]): r[7] for r in found}


def contents(conn: Connection, of: Book, kind: str, references: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """Number and content hash, by reference, of those entries of a kind that exist."""
    sql = """SELECT e.reference, e.number, e.content_hash FROM {given} JOIN entry e
             ON e.partnership_key = :partnership_key AND e.kind = :kind AND e.reference = given.reference"""
    found = _joined(conn, of, sql, ("reference",), [(ref,) for ref in references], kind=kind)
    return {row[0]: (row[1], bytes(row[2])) for row in found}


def _joined(conn: Connection, of: Book, sql: str, columns: Sequence[str], rows: Iterable[Sequence[str]],
            **more: str) -> Iterator[Any]:
    """Joins texts that are handed over to the tables, thousands at a time instead of a question each."""
    items = list(rows)
    for start in range(0, len(items), 10_000):
        given, facts = _given(conn.dialect.name, columns, items[start:start + 10_000])
        yield from conn.execute(text(sql.format(given=given)), {"partnership_key": of.key, **facts, **more})


def _given(dialect: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, dict[str, Any]]:
    if dialect == "postgresql":
        arrays = ", ".join(f"CAST(:given_{name} AS text[])" for name in columns)
        facts = {f"given_{name}": [row[i] for row in rows] for i, name in enumerate(columns)}
        return f"unnest({arrays}) AS given({', '.join(columns)})", facts
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(columns))
    # Without OFFSET 0, SQLite would flatten this and might read the whole table to meet a few rows.
    return f"(SELECT {picks} FROM json_each(:given) LIMIT -1 OFFSET 0) AS given", {"given": json.dumps(rows)}  # noqa: S608


# Entries

def entry(conn: Connection, of: Book, number: int) -> Recorded:
    """The entry of that number; refuses an unknown one."""
    found = _read(conn, of, _headers(of).where(entries_table.c.number == number)) if number < 2**62 else []
    if not found:
        raise refusals.EntryUnknown(number=number)
    return found[0]


def find(conn: Connection, of: Book, kind: str, reference: str) -> Recorded | None:
    """The entry of that kind and reference, if there is one."""
    c = entries_table.c
    found = _read(conn, of, _headers(of).where(c.kind == kind, c.reference == reference,
                                              visibility.whole(of.partner)))
    return found[0] if found else None


def find_reference(conn: Connection, of: Book, reference: str) -> list[Recorded]:
    """The entries of every kind with that reference, in number order."""
    return _read(conn, of, _headers(of).where(entries_table.c.reference == reference, visibility.whole(of.partner)))


def reversed_by(conn: Connection, of: Book, numbers: Iterable[int]) -> dict[int, int]:
    """Of these entries, which have been reversed, and by which entry."""
    c = entries_table.c
    found: dict[int, int] = {}
    for some in _chunks(sorted(set(numbers))):
        rows = conn.execute(select(c.reverses, c.number).where(c.partnership_key == of.key, c.reverses.in_(some)))
        found.update({row[0]: row[1] for row in rows})
    return found


def entries(conn: Connection, of: Book, *, account: str | None = None, partner: str | None = None,
            service: str | None = None, fund: str | None = None, source: str | None = None,
            kinds: Collection[str] | None = None,
            start: dt.date | None = None, end: dt.date | None = None, reference: str | None = None,
            text: str | None = None, after: int = 0, limit: int | None = None,
            known_at: dt.datetime | None = None, late: bool = False, upto: int | None = None) -> list[Recorded]:
    """The entries that meet every filter given, in number order, from the one after `after` to the one `upto`.

    `late`: only those that belong to a period closed before they came.
    `account` also finds the accounts below it; account and words must meet on one and the same posting.
    """
    c = entries_table.c
    query = _headers(of).where(c.number > after)
    touching = _touching(account, {"partner": partner, "service": service, "fund": fund, "source": source})
    if touching:
        query = query.where(c.number.in_(_lines(of, posting.c.number).where(*touching)))
    if kinds is not None:
        query = query.where(c.kind.in_(list(kinds)))
    if reference is not None:
        query = query.where(c.reference == reference, visibility.whole(of.partner))
    if text:
        wanted = text.lower()
        query = query.where(or_(*(func.lower(column).contains(wanted, autoescape=True)
                                  for column in (c.memo, c.reference))), visibility.whole(of.partner))
    query = _between(query, start, end)
    if late:
        query = query.where(c.belongs_to.is_not(None))
    if upto is not None:
        query = query.where(c.number <= upto)
    if known_at is not None:
        query = query.where(c.number <= last_known(conn, of, known_at))
    return _read(conn, of, query.limit(limit) if limit is not None else query)


def memoranda(conn: Connection, of: Book, kinds: Collection[str], start: dt.date | None = None,
              end: dt.date | None = None, upto: int | None = None) -> list[Recorded]:
    """The entries of these kinds within these days, up to a number, in number order, without their postings."""
    query = _between(_headers(of).where(entries_table.c.kind.in_(list(kinds))), start, end)
    if upto is not None:
        query = query.where(entries_table.c.number <= upto)
    return [_recorded(row, ()) for row in conn.execute(query)]


def all_entries(conn: Connection, of: Book) -> Iterator[Recorded]:
    """Every entry in number order, a page in memory at a time; of one partner, those that it sees whole."""
    last, number = head(conn, of).entries, entries_table.c.number
    for start in range(1, last + 1, _PAGE):
        stop = start + _PAGE - 1
        lines = _postings(conn, _lines_of_entries(of).where(posting.c.number.between(start, stop)))
        for row in conn.execute(_headers(of).where(number.between(start, stop), visibility.whole(of.partner))):
            yield _recorded(row, lines.get(row.number, ()))


def content_hashes(conn: Connection, of: Book, first: int) -> list[bytes]:
    """The content hashes of the first so many entries, in order."""
    c = entries_table.c
    rows = conn.execute(select(c.content_hash).where(c.partnership_key == of.key, c.number <= first).order_by(c.number))
    return [bytes(row[0]) for row in rows]


def head_at(conn: Connection, of: Book, entries: int) -> Head:
    """Where the chain stood when that many entries had been recorded; the number must be a seal's last one, or 0."""
    found = conn.scalar(select(batch.c.hash).where(batch.c.partnership_key == of.key, batch.c.last_entry == entries))
    assert found is not None or entries == 0, "the chain's head is kept where a batch ends"
    return Head(entries, START.hex() if found is None else bytes(found).hex())


def last_known(conn: Connection, of: Book, known_at: dt.datetime) -> int:
    """The number of the last entry that had been recorded at that moment; 0 before the first."""
    return conn.scalar(select(func.max(batch.c.last_entry)).where(
        batch.c.partnership_key == of.key, batch.c.recorded_at <= known_at)) or 0


def _between(query: Select[Any], start: dt.date | None, end: dt.date | None) -> Select[Any]:
    date = entries_table.c.effective_date
    if start is not None:
        query = query.where(date >= start)
    return query if end is None else query.where(date <= end)


def _touching(path: str | None, words: dict[str, str | None]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [cell.c[word] == value for word, value in words.items() if value is not None]
    if path is not None:
        below = path + ":"
        found.append(or_(account.c.path == path, func.substr(account.c.path, 1, len(below)) == below))
    return found


def _lines(of: Book, *columns: Any) -> Select[Any]:
    """Postings with their cell and account, as far as they are seen."""
    return (select(*columns).select_from(posting)
            .join(cell, and_(cell.c.partnership_key == posting.c.partnership_key,
                             cell.c.cell_key == posting.c.cell_key))
            .join(account, and_(account.c.partnership_key == cell.c.partnership_key,
                                account.c.account_key == cell.c.account_key))
            .where(posting.c.partnership_key == of.key, visibility.line(of.partner)))


def _lines_of_entries(of: Book) -> Select[Any]:
    c, p = cell.c, posting.c
    return _lines(of, p.number, account.c.path, p.amount, c.fund, c.partner, c.service, c.source, c.cost_class,
                  p.case_ref, p.units, c.kind).order_by(p.number, p.line)


def _headers(of: Book) -> Select[Any]:
    """Entries with the names of their periods and the moment they were sealed, in number order."""
    c, late = entries_table.c, period.alias("late")
    own = and_(period.c.partnership_key == c.partnership_key, period.c.number == c.period_number)
    about = and_(late.c.partnership_key == c.partnership_key, late.c.number == c.belongs_to)
    seal = and_(batch.c.partnership_key == c.partnership_key, batch.c.batch_number == c.batch_number)
    return (select(c.number, batch.c.recorded_at, c.content_hash, period.c.id.label("period"), c.kind,
                   c.effective_date, c.reference, c.memo, c.details, c.reverses, late.c.id.label("about"),
                   visibility.whole(of.partner).label("whole"))
            .select_from(entries_table).join(batch, seal).outerjoin(period, own).outerjoin(late, about)
            .where(c.partnership_key == of.key, visibility.header(of.partner)).order_by(c.number))


def _read(conn: Connection, of: Book, headers: Select[Any]) -> list[Recorded]:
    rows = conn.execute(headers).all()
    found: list[Recorded] = []
    for some in _chunks(rows):
        lines = _postings(conn, _lines_of_entries(of).where(posting.c.number.in_([row.number for row in some])))
        found.extend(_recorded(row, lines.get(row.number, ())) for row in some)
    return found


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _MOST_NUMBERS):
        yield items[start:start + _MOST_NUMBERS]


def _postings(conn: Connection, query: Select[Any]) -> dict[int, list[Posting]]:
    lines: dict[int, list[Posting]] = defaultdict(list)
    for number, *words in conn.execute(query):
        lines[number].append(Posting(*words))
    return lines


def _recorded(row: Row[Any], lines: Sequence[Posting]) -> Recorded:
    """An entry as it was handed over: a posting says its kind only where it differs from the entry's."""
    own = tuple(Posting(p.account, p.amount, p.fund, p.partner, p.service, p.source, p.cost_class, p.case, p.units,
                        "" if p.kind == row.kind else p.kind) for p in lines)
    if not row.whole:
        return Recorded(row.number, row.recorded_at, "", row.period or "",
                        Entry(row.kind, row.effective_date, visibility.WITHHELD, visibility.WITHHELD, own,
                              reverses=row.reverses, belongs_to=row.about or ""))
    return Recorded(row.number, row.recorded_at, bytes(row.content_hash).hex(), row.period or "",
                    Entry(row.kind, row.effective_date, row.reference, row.memo, own, row.details, row.reverses,
                          row.about or ""))


# Balances

def movements(conn: Connection, of: Book, first: int | None = None, last: int | None = None,
              upto: int | None = None) -> list[Movement]:
    """What each cell moved in each period from number `first` to `last`, in order of account, words, period.

    `upto`: as it was when that many entries had been recorded.
    """
    m, c = movement.c, cell.c
    query = (select(account.c.path, c.kind, c.fund, c.partner, c.service, c.source, c.cost_class, m.period_number,
                    m.debit, m.credit, m.units)
             .select_from(movement)
             .join(cell, and_(c.partnership_key == m.partnership_key, c.cell_key == m.cell_key))
             .join(account, and_(account.c.partnership_key == c.partnership_key,
                                 account.c.account_key == c.account_key))
             .where(m.partnership_key == of.key, visibility.line(of.partner)))
    if first is not None:
        query = query.where(m.period_number >= first)
    if last is not None:
        query = query.where(m.period_number <= last)
    found = [Movement(*row) for row in sorted(map(tuple, conn.execute(query)))]
    return found if upto is None else _less_later(found, _summed(conn, _posted(of).where(
        entries_table.c.number > upto)))


def _less_later(found: Sequence[Movement], later: Iterable[Movement]) -> list[Movement]:
    """Movements without what was recorded later; a cell that had not moved by then is left out."""
    off = {(m.account, *(getattr(m, word) for word in WORDS), m.period): m for m in later}
    less = []
    for m in found:
        gone = off.get((m.account, *(getattr(m, word) for word in WORDS), m.period))
        one = m if gone is None else replace(m, debit=m.debit - gone.debit, credit=m.credit - gone.credit,
                                             units=m.units - gone.units)
        if one.debit or one.credit or one.units:
            less.append(one)
    return less


def dated_movements(conn: Connection, of: Book, start: dt.date, end: dt.date, upto: int | None = None, *,
                    service: str | None = None, account: str | None = None) -> list[Movement]:
    """As `movements`, from the postings of these days (both included): for windows that cut a period.

    `service` and `account` (with those below it): of these alone.
    """
    query = _posted(of).where(entries_table.c.effective_date.between(start, end), *_touching(
        account, {"service": service}))
    return _summed(conn, query if upto is None else query.where(entries_table.c.number <= upto))


def _posted(of: Book) -> Select[Any]:
    """What postings moved, summed as movements are."""
    words = (account.c.path, *(cell.c[word] for word in WORDS), entries_table.c.period_number)
    amount = posting.c.amount
    return _dated(of, *words, func.sum(_above_zero(amount)), func.sum(_above_zero(-amount)),
                  func.sum(posting.c.units)).group_by(*words)


def _summed(conn: Connection, query: Select[Any]) -> list[Movement]:
    return [Movement(*row[:8], *map(int, row[8:])) for row in sorted(map(tuple, conn.execute(query)))]


def balances(conn: Connection, of: Book, *, at: dt.date | None = None, known_at: dt.datetime | None = None,
             by: Sequence[str] = ("account",)) -> list[dict[str, Any]]:
    """Balances by any of `GROUPS`, at the end of a day and as known at a moment; both default to now.

    Read from the movements of whole periods; a day inside a period adds that period's postings up to it, and
    `known_at` takes off what was recorded later. Each row has the groups asked for and `debit`, `credit`, `amount`
    (debit positive, minor units) and `units`.
    """
    assert set(by) <= set(GROUPS), "balances are broken down by account, words or period"
    whole, cut = _cut_at(conn, of, at)
    parts = [_from_movements(of, by, whole)]
    if cut is not None:
        parts.append(_from_postings(of, by, 1).where(entries_table.c.period_number == cut,
                                                     entries_table.c.effective_date <= at))
    if known_at is not None:
        later = _from_postings(of, by, -1).where(entries_table.c.number > last_known(conn, of, known_at))
        parts.append(later if at is None else later.where(entries_table.c.effective_date <= at))
    both = union_all(*parts).subquery()
    groups = [both.c[f"by_{name}"] for name in by]
    sums = [func.sum(both.c[name]) for name in ("debit", "credit", "units")]
    found = sorted(map(tuple, conn.execute(select(*groups, *sums).group_by(*groups) if by else select(*sums))))
    return [_balance(by, row) for row in found if any(row[len(by):])]


def _balance(by: Sequence[str], row: tuple[Any, ...]) -> dict[str, Any]:
    debit, credit, units = map(int, row[len(by):])
    return {**dict(zip(by, row, strict=False)), "debit": debit, "credit": credit, "amount": debit - credit,
            "units": units}


def _cut_at(conn: Connection, of: Book, at: dt.date | None) -> tuple[int | None, int | None]:
    """The last period that a date leaves whole (None: no bound), and the one that it cuts, if any."""
    if at is None:
        return None, None
    begun = [p for p in periods(conn, of) if p.starts <= at]
    if begun and at < begun[-1].ends:
        return (begun[-2].number if len(begun) > 1 else -1), begun[-1].number
    return (begun[-1].number if begun else -1), None


def _groups(by: Sequence[str], period_number: Any) -> list[Any]:
    columns = {"account": account.c.path, "period": period_number, **{word: cell.c[word] for word in WORDS}}
    return [columns[name].label(f"by_{name}") for name in by]


def _from_movements(of: Book, by: Sequence[str], last: int | None) -> Select[Any]:
    m = movement.c
    query = (select(*_groups(by, m.period_number), m.debit.label("debit"), m.credit.label("credit"),
                    m.units.label("units"))
             .select_from(movement)
             .join(cell, and_(cell.c.partnership_key == m.partnership_key, cell.c.cell_key == m.cell_key))
             .join(account, and_(account.c.partnership_key == cell.c.partnership_key,
                                 account.c.account_key == cell.c.account_key))
             .where(m.partnership_key == of.key, visibility.line(of.partner)))
    return query if last is None else query.where(m.period_number <= last)


def _from_postings(of: Book, by: Sequence[str], sign: int) -> Select[Any]:
    amount = posting.c.amount
    return _dated(of, *_groups(by, entries_table.c.period_number), (_above_zero(amount) * sign).label("debit"),
                  (_above_zero(-amount) * sign).label("credit"), (posting.c.units * sign).label("units"))


def _above_zero(amount: Any) -> Any:
    return case((amount > 0, amount), else_=0)


def _dated(of: Book, *columns: Any) -> Select[Any]:
    c = entries_table.c
    return _lines(of, *columns).join(entries_table, and_(c.partnership_key == posting.c.partnership_key,
                                                         c.number == posting.c.number))


# Requests already answered

def remembered(conn: Connection, of: Book, key: str) -> Remembered | None:
    """The answer given to the first request with this key, if there was one."""
    c = idempotency.c
    row = conn.execute(select(c.request_hash, c.status, c.body).where(
        c.partnership_key == of.key, c.key == key)).first()
    return None if row is None else Remembered(bytes(row[0]), row[1], bytes(row[2]))


def remembered_keys(conn: Connection, of: Book, keys: Collection[str]) -> set[str]:
    """Those of these keys under which a request was answered before."""
    c = idempotency.c
    return set(conn.scalars(select(c.key).where(c.partnership_key == of.key, c.key.in_(keys)))) if keys else set()


def remember(conn: Connection, of: Book, key: str, request_hash: bytes, status: int, body: bytes,
             now: dt.datetime) -> None:
    """Keeps the answer to a request, for whoever repeats it."""
    conn.execute(idempotency.insert(), {"partnership_key": of.key, "key": key, "request_hash": request_hash,
                                        "status": status, "body": body, "recorded_at": now})


def remember_all(conn: Connection, of: Book, answers: Iterable[tuple[str, bytes, int, bytes, dt.datetime]]) -> None:
    """Keeps the answers to several requests: of each the key, the request's hash, status, body and moment."""
    rows = [(key, request_hash, status, body, bulk.moment(conn, at), of.key)
            for key, request_hash, status, body, at in answers]
    if rows:
        bulk.insert(conn, "idempotency", {"key": "text", "request_hash": "bytea", "status": "int4", "body": "bytea",
                                          "recorded_at": "timestamptz", "partnership_key": "int4"}, rows)
