"""The commands of a ledger kept all year: apply, import, close, reopen, statement, verify, export."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from api import actions
from api.commands.faces import file_name, render
from api.commands.files import in_cells, lines_in, lines_of, named, read_text, refused_rows, rows_text
from api.commands.proposals import ask, waiting
from api.commands.session import Session, now, progress, write_file
from commissioning.agreement.reading import read_agreement
from commissioning.closing import drafts
from commissioning.closing.differences import differences as compared
from commissioning.proposals.model import Proposal, Request
from commissioning.proposals.service import Done
from commissioning.service import Imported
from commissioning.statement import Statement
from exports.extract import for_partner
from exports.faces import FORMATS
from exports.statement import from_json, to_json
from ledger import store as books_store
from ledger.errors import PoolbookError, Refused


def apply(session: Session, file: Path) -> Mapping[str, Any]:
    """Puts an agreement file in force."""
    text = read_text(file)
    partnership = read_agreement(text, file.name).partnership.id
    request = Request("agreement", {"text": text, "file": file.name})
    with session.writing() as conn:
        applied = ask(session, conn, partnership, "apply", request,
                      lambda moment: actions.agreement(conn, partnership, request.content, moment))
    if isinstance(applied, Proposal):
        return waiting(applied)
    return {"partnership": applied.book.id, "changes": list(applied.changes)}


def import_events(session: Session, files: list[Path], late: bool, good_rows: Path | None) -> Mapping[str, Any]:
    """Posts the events of files, all or none; with `good_rows` the refused rows go to that file to be mended."""
    try:
        return _import_events(session, files, late, good_rows)
    except Refused as refused:
        raise Refused(in_cells(files, refused.faults)) from None


def _import_events(session: Session, files: list[Path], late: bool, good_rows: Path | None) -> Mapping[str, Any]:
    how: Any = {"late": late, "accept_good": good_rows is not None}
    with session.writing() as conn:
        book = session.book(conn)
        mended: list[PoolbookError] = []
        piped = {name: read_text(path) for path, name in named(files) if path.is_fifo()}  # can be read only once

        def whole() -> Request:
            texts = [(name, piped[name] if name in piped else rows_text(path)) for path, name in named(files)]
            return actions.events_request(files=texts, **how)

        def lines() -> list[tuple[str, Iterable[str]]]:
            return [(name, io.StringIO(piped[name], newline="") if name in piped else lines_of(path))
                    for path, name in named(files)]

        def do(moment: dt.datetime) -> Done[Imported]:
            content = {"files": lines(), **how}
            with progress("Posting events", lambda: sum(map(lines_in, files))) as heard:
                done = actions.events(conn, book.id, content, moment, progress=heard)
            mended.extend(done.answer.refused)
            return done

        done = ask(session, conn, book.id, "post", whole, do)
        if mended and good_rows is not None:
            mend = refused_rows(lines(), mended).encode()
            if not session.dry_run:  # before the good rows are kept: a refused row is never nowhere
                write_file(good_rows, mend)
    refused = [fault.as_data() for fault in in_cells(files, mended)]
    if isinstance(done, Proposal):
        return {**waiting(done), "refused": refused}
    return {"posted": done.posted, "skipped": done.skipped, "refused": refused}


def periods(session: Session) -> Mapping[str, Any]:
    """The calendar of the books in order, each period open or closed."""
    with session.looking() as conn:
        found = books_store.periods(conn, session.book(conn))
    return {"periods": [{"id": one.id, "from": str(one.starts), "to": str(one.ends),
                         "status": "closed" if one.closed else "open"} for one in found]}


def close(session: Session, period: str) -> tuple[Mapping[str, Any], Statement | None]:
    """Closes a period and issues its statement; without one where the close waits for a second person."""
    request = Request("close", {"period": period})
    with session.writing() as conn:
        book = session.book(conn)
        issued = ask(session, conn, book.id, "close", request,
                     lambda moment: actions.close(conn, book.id, request.content, moment))
    if isinstance(issued, Proposal):
        return waiting(issued), None
    statement = from_json(issued.document)
    return {"period": statement.period, "issue": issued.issue, "indicative": statement.indicative,
            "checks_hold": all(check.holds for check in statement.checks)}, statement


def reopen(session: Session, period: str, reason: str) -> Mapping[str, Any]:
    """Opens a closed period again, and those after it."""
    request = Request("reopen", {"period": period, "reason": reason})
    with session.writing() as conn:
        book = session.book(conn)
        periods = ask(session, conn, book.id, "close", request,
                      lambda moment: actions.reopen(conn, book.id, request.content, moment))
    if isinstance(periods, Proposal):
        return waiting(periods)
    return {"reopened": [one.id for one in periods]}


def statement(session: Session, period: str, format_name: str, out: Path | None, partner: str | None,
              known_at: dt.datetime | None, as_draft: bool = False) -> tuple[str, bytes]:
    """One statement in one format: its content, and the file it was written to (empty: standard output)."""
    with session.looking() as conn:
        issued = drafts.issued_or_draft(conn, session.book(conn), period, now(), to_json, known_at=known_at,
                                       as_draft=as_draft)
    content = render(issued, format_name, partner)
    if out is None:
        return "", content
    out.mkdir(parents=True, exist_ok=True)
    path = out / file_name(from_json(issued.document), FORMATS[format_name].suffix, partner)
    write_file(path, content)
    return str(path), content


def differences(session: Session, period: str, issues: tuple[int | None, int | None],
                partner: str | None) -> tuple[str, Mapping[str, Any]]:
    """What changed between two issues of a statement and which entries did it: as text, and as data."""
    from exports import differences as written

    with session.looking() as conn:
        book = session.book(conn)
        pair = drafts.compared(conn, book, period, now(), to_json, *issues)
        before, after = (from_json(one.document) for one in pair)
        if partner:
            before, after = for_partner(before, partner), for_partner(after, partner)
        found = compared(conn, replace(book, partner=partner or ""), before, after)
    return written.to_text_page(found), written.to_data(found)


def export(session: Session, format_name: str) -> Iterator[str]:
    """The journal as plain text for another tool, piece by piece."""
    from exports import journal
    with session.looking() as conn:
        book = session.book(conn)
        entries = books_store.all_entries(conn, book)
        yield from journal.FORMATS[format_name](book.name, book.currency, books_store.accounts(conn, book), entries)
