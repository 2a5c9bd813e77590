"""`poolbook run`: a case folder from agreement and events to the statements of every period, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.commands.faces import write_statements
from api.commands.files import read_events, read_text
from api.commands.proposals import login
from api.commands.session import Session, now, progress
from api.refusals import CaseIncomplete
from commissioning import service
from commissioning.agreement.model import Agreement
from commissioning.agreement.reading import read_agreement
from commissioning.events.model import Event
from commissioning.proposals import service as proposals_service
from commissioning.proposals import store as proposals_store
from commissioning.store import Issued
from exports.extract import digests
from exports.statement import to_json
from ledger import store as books_store
from ledger.errors import PoolbookError, Refused
from ledger.model import Book, Period
from ledger.refusals import PartnershipUnknown


@dataclass(frozen=True, slots=True)
class Case:
    """A case as read from its folder: rows that could not be read are its `unreadable` faults."""

    text: str
    agreement: Agreement
    events: tuple[Event, ...]
    unreadable: tuple[PoolbookError, ...]


def read_case(folder: Path) -> Case:
    """The agreement and every event of the folder's CSV files, in the order of their names."""
    file = folder / "agreement.yaml"
    if not file.is_file():
        raise Refused([CaseIncomplete(folder=folder)])
    text = read_text(file)
    agreement = read_agreement(text, file.name)
    files = sorted(one for one in folder.iterdir() if one.suffix.lower() == ".csv")  # some programs write .CSV
    events, unreadable = read_events(files, agreement.currency)
    return Case(text, agreement, tuple(events), tuple(unreadable))


def run(session: Session, folder: Path, out: Path, through: str | None,
        known_at: dt.datetime | None) -> Mapping[str, Any]:
    """Applies, imports, closes, then writes each period's statement in every format into `out`."""
    case = read_case(folder)
    last = case.agreement.calendar.parse(through).ends if through else max((e.date for e in case.events), default=None)
    moment = now()
    if not session.dry_run:
        out.mkdir(parents=True, exist_ok=True)  # refused now rather than after the books are kept
    with session.writing(session.fresh_engine) as conn:
        proposals_service.refuse_kept_books(conn, case.agreement.partnership.id)
        before = _entries(conn, case.agreement.partnership.id)
        applied = service.apply(conn, case.text, "agreement.yaml", moment)
        alone = proposals_service.note_recomputation(conn, applied.book, moment)
        with progress("Posting events", len(case.events)) as heard:
            imported = service.import_events(conn, applied.book, case.events, moment, unreadable=case.unreadable,
                                             progress=heard)
        closed = _close_all(conn, applied.book, case.agreement, last, moment)
        proposals_store.record(conn, applied.book, before, login(), moment)
        statements = _statements(conn, applied.book, known_at)
        head = books_store.head(conn, applied.book)
    with session.spoken():
        files = [] if session.dry_run else write_statements(out, statements)
    return {"partnership": applied.book.id, "name": applied.book.name, "changes": list(applied.changes),
            "posted": imported.posted, "skipped": imported.skipped, "closed": closed, "files": files,
            "without_approvals": alone,
            "ledger": {"entries": head.entries, "head": head.hash}}


def _entries(conn: Connection, partnership: str) -> int:
    """How many entries the partnership's books hold; none where there are no books yet."""
    try:
        return books_store.head(conn, books_store.book(conn, partnership)).entries
    except PartnershipUnknown:
        return 0


def _close_all(conn: Connection, book: Book, agreement: Agreement, last: dt.date | None,
               moment: dt.datetime) -> list[str]:
    """Closes every open period that begins by a day, from the agreement's first."""
    if last is None:
        return []
    due = _due(conn, book, agreement, last)
    with progress("Closing periods", len(due)) as heard:
        for done, period in enumerate(due, 1):
            service.close(conn, book, period.id, moment, to_json, digests)
            heard(done)
    return [period.id for period in due]


def _due(conn: Connection, book: Book, agreement: Agreement, last: dt.date) -> list[Period]:
    closed = {p.id for p in books_store.periods(conn, book) if p.closed}
    calendar, found = agreement.calendar, []
    year = calendar.year_of(agreement.versions()[0].effective)
    while year.starts <= last:
        found += [p for p in year.periods() if p.starts <= last and p.id not in closed]
        year = year.next()
    return found


def _statements(conn: Connection, book: Book, known_at: dt.datetime | None) -> list[Issued]:
    closed = [p for p in books_store.periods(conn, book) if p.closed]
    return [service.issued(conn, book, p.id, known_at=known_at) for p in closed]
