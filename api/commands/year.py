"""The commands of a ledger kept all year: init, apply, import, close, reopen, statement, verify, export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.commands.faces import file_name, render
from api.commands.files import read_events, read_text, refused_rows
from api.commands.session import Session, now, progress, write_file
from commissioning import service
from exports.faces import FORMATS
from exports.statement import from_json, to_json
from ledger import store as books_store


def init(session: Session) -> Mapping[str, Any]:
    """Makes the database, or brings it up to date."""
    engine = session.fresh_engine
    return {"database": engine.url.render_as_string(hide_password=True)}


def apply(session: Session, file: Path) -> Mapping[str, Any]:
    """Puts an agreement file in force."""
    text = read_text(file)
    with session.writing() as conn:
        applied = service.apply(conn, text, file.name, now())
    return {"partnership": applied.book.id, "changes": list(applied.changes)}


def import_events(session: Session, files: list[Path], late: bool, good_rows: Path | None) -> Mapping[str, Any]:
    """Posts the events of CSV files, all or none; with `good_rows` the refused rows go to that file to be mended."""
    with session.writing() as conn:
        book = session.book(conn)
        events, faults = read_events(files, service.current(conn, book).currency,
                                     whole=good_rows is None)
        with progress("Posting events", len(events)) as heard:
            done = service.import_events(conn, book, events, now(), late=late, accept_good=good_rows is not None,
                                         unreadable=faults, progress=heard)
        if done.refused and good_rows is not None:
            mend = refused_rows(files, done.refused).encode()
            if not session.dry_run:  # before the good rows are kept: a refused row is never nowhere
                write_file(good_rows, mend)
    return {"posted": done.posted, "skipped": done.skipped, "refused": [fault.as_data() for fault in done.refused]}


def close(session: Session, period: str) -> Mapping[str, Any]:
    """Closes a period and issues its statement."""
    with session.writing() as conn:
        issued = service.close(conn, session.book(conn), period, now(), to_json)
    statement = from_json(issued.document)
    return {"period": statement.period, "issue": issued.issue, "indicative": statement.indicative,
            "checks_hold": all(check.holds for check in statement.checks)}


def reopen(session: Session, period: str, reason: str) -> Mapping[str, Any]:
    """Opens a closed period again, and those after it."""
    with session.writing() as conn:
        periods = service.reopen(conn, session.book(conn), period, reason, now())
    return {"reopened": [one.id for one in periods]}


def statement(session: Session, period: str, format_name: str, out: Path | None, partner: str | None,
              known_at: dt.datetime | None) -> tuple[str, bytes]:
    """One statement in one format: its content, and the file it was written to (empty: standard output)."""
    with session.looking() as conn:
        issued = service.issued(conn, session.book(conn), period, known_at=known_at)
    content = render(issued, format_name, partner)
    if out is None:
        return "", content
    out.mkdir(parents=True, exist_ok=True)
    path = out / file_name(from_json(issued.document), FORMATS[format_name].suffix, partner)
    write_file(path, content)
    return str(path), content


def export(session: Session, format_name: str) -> Iterator[str]:
    """The journal as plain text for another tool, piece by piece."""
    from exports import journal
    with session.looking() as conn:
        book = session.book(conn)
        entries = books_store.all_entries(conn, book)
        yield from journal.FORMATS[format_name](book.name, book.currency, books_store.accounts(conn, book), entries)
