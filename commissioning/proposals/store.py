"""Where proposals, their decisions and who recorded which entries are found: every query on their tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, literal, select

from commissioning.proposals.model import Actor, Decision, Outcome, Proposal, Request, outcome_of_text, request_of
from commissioning.tables import proposal, proposal_decision, recording
from ledger import bulk
from ledger.constraints import translated
from ledger.model import Book
from ledger.tables import batch


@dataclass(frozen=True, slots=True)
class Recording:
    """Who recorded the entries from `first` to `last`, and when."""

    first: int
    last: int
    by: Actor
    at: dt.datetime


def keep(conn: Connection, book: Book, request: Request, outcome: Outcome, maker: Actor, now: dt.datetime) -> Proposal:
    """Keeps a request until it is decided; gives it its number."""
    last = conn.scalar(select(func.max(proposal.c.number)).where(proposal.c.partnership_key == book.key)) or 0
    with translated():
        conn.execute(insert(proposal), {
            "partnership_key": book.key, "number": last + 1, "kind": request.kind, "request": request.text,
            "sha256": request.sha256, "outcome": outcome.text, "made_by": maker.id, "person": maker.person,
            "made_at": now})
    return Proposal(last + 1, request, outcome, maker, now, request.sha256)


def decide(conn: Connection, book: Book, number: int, decision: Decision) -> None:
    """Keeps how a proposal ended."""
    with translated():
        conn.execute(insert(proposal_decision), {
            "partnership_key": book.key, "number": number, "verdict": decision.verdict, "decided_by": decision.by.id,
            "person": decision.by.person, "decided_at": decision.at, "reason": decision.reason,
            "entry_number": decision.entry})


def one(conn: Connection, book: Book, number: int) -> Proposal | None:
    """The proposal of that number, if there is one."""
    row = conn.execute(_proposals(book).where(proposal.c.number == number)).first()
    return None if row is None else _proposal(row)


def proposals(conn: Connection, book: Book, status: str | None = None, after: int = 0,
              limit: int | None = None) -> list[Proposal]:
    """Proposals in order, from the one after `after` on: of one status (`open` or a verdict), or all."""
    query = _proposals(book).where(proposal.c.number > after)
    if status is not None:
        verdict = proposal_decision.c.verdict
        query = query.where(verdict.is_(None) if status == "open" else verdict == status)
    return [_proposal(row) for row in conn.execute(query if limit is None else query.limit(limit))]


def open_with(conn: Connection, book: Book, sha256: str) -> list[Proposal]:
    """The open proposals of the same request."""
    query = _proposals(book).where(proposal.c.sha256 == sha256, proposal_decision.c.number.is_(None))
    return [_proposal(row) for row in conn.execute(query)]


def record(conn: Connection, book: Book, before: int, by: Actor, now: dt.datetime) -> None:
    """Keeps who recorded what stands beyond entry `before`, if anything does."""
    last = func.max(batch.c.last_entry)
    columns = ("partnership_key", "first_entry", "last_entry", "actor", "person", "recorded_at")
    types = (recording.c[name].type for name in columns)
    values = (book.key, before + 1, last, by.id, by.person, now)
    new = select(*(value if value is last else literal(value, kind) for value, kind in zip(values, types, strict=True))
                 ).where(batch.c.partnership_key == book.key).having(last > before)
    with translated():
        conn.execute(insert(recording).from_select(columns, new))


def record_all(conn: Connection, book: Book, made: Iterable[Recording]) -> None:
    """Keeps who recorded which entries, where several did at once."""
    rows = [(one.first, one.last, one.by.id, one.by.person, bulk.moment(conn, one.at), book.key) for one in made]
    if rows:
        with translated():
            bulk.insert(conn, "recording", {"first_entry": "int8", "last_entry": "int8", "actor": "text",
                                            "person": "text", "recorded_at": "timestamptz",
                                            "partnership_key": "int4"}, rows)


def recordings(conn: Connection, book: Book, after: int = 0, limit: int | None = None) -> list[Recording]:
    """Who recorded what, in the order of the entries, from the one after entry `after` on."""
    c, earlier = recording.c, recording.alias().c
    begins = (select(earlier.first_entry).where(earlier.partnership_key == book.key, earlier.first_entry <= after + 1)
              .order_by(earlier.first_entry.desc()).limit(1).scalar_subquery())
    query = (select(c.first_entry, c.last_entry, c.actor, c.person, c.recorded_at)
             .where(c.partnership_key == book.key, c.first_entry >= func.coalesce(begins, 0))
             .order_by(c.first_entry).limit(None if limit is None else limit + 1))  # of these the first may end before
    found = (Recording(row[0], row[1], Actor(row[2], row[3]), row[4]) for row in conn.execute(query) if row[1] > after)
    return list(islice(found, limit))


def _proposals(book: Book) -> Select[Any]:
    p, d = proposal.c, proposal_decision.c
    return (select(p.number, p.request, p.sha256, p.outcome, p.made_by, p.person, p.made_at, d.verdict, d.decided_by,
                   d.person.label("decider"), d.decided_at, d.reason, d.entry_number)
            .select_from(proposal)
            .outerjoin(proposal_decision, and_(d.partnership_key == p.partnership_key, d.number == p.number))
            .where(p.partnership_key == book.key).order_by(p.number))


def _proposal(row: Row[Any]) -> Proposal:
    decision = None if row.verdict is None else Decision(
        row.verdict, Actor(row.decided_by, row.decider), row.decided_at, row.reason, row.entry_number)
    return Proposal(row.number, request_of(row.request), outcome_of_text(row.outcome), Actor(row.made_by, row.person),
                    row.made_at, row.sha256, decision)
