"""The commands of the finance officer's day: the workbook of entries, bank statements read, accepted matches posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from api import actions
from api.commands.files import is_workbook, named, read_bytes, read_text
from api.commands.proposals import ask, waiting
from api.commands.session import Session, write_file
from commissioning.bank.rows import Row, accepted, left_total, read_rows
from commissioning.bank.service import suggest
from commissioning.proposals.model import Proposal
from commissioning.proposals.service import Done
from commissioning.service import Imported, current
from contributions.bank.files import read_statements
from exports.bank.data import to_data
from exports.bank.rows import rows, to_csv
from exports.bank.sheet import from_sheet, to_sheet
from exports.entry_template.entries import template as made
from exports.entry_template.read import Filled
from ledger.errors import Refused
from ledger.money import to_text

LEFT = ("line", "bank_account", "booked", "bank_amount", "name", "text")
"""What is told of a line that is left."""


def template(session: Session, out: Path) -> Mapping[str, Any]:
    """Writes the workbook of entries."""
    with session.looking() as conn:
        book = session.book(conn)
        content = made(current(conn, book))
    write_file(out, content)
    return {"file": str(out), "partnership": book.id}


def import_statements(session: Session, files: Sequence[Path], out: Path | None, accounts: Mapping[str, str],
                      columns: Mapping[str, str]) -> Mapping[str, Any]:
    """What the lines of bank statements are, as far as it can be told; with `out` the suggestions go to that file."""
    given = [(name, read_bytes(path)) for path, name in named(files)]
    with session.looking() as conn:
        book = session.book(conn)
        found = suggest(conn, book, read_statements(given, book.currency, columns), accounts)
        agreement = current(conn, book)
    if out is not None:
        sheet = to_sheet(rows(found), agreement) if is_workbook(out) else to_csv(rows(found)).encode("utf-8-sig")
        write_file(out, sheet)
    return {**to_data(found), **({"file": str(out)} if out is not None else {})}


def post(session: Session, file: Path, also: Collection[str], late: bool) -> Mapping[str, Any]:
    """Posts the accepted rows of a file of suggestions, all or none, and says what is left."""
    filled, given = _read(file)
    try:
        return _post(session, given, also, late)
    except Refused as refused:
        raise refused if filled is None else Refused(map(filled.in_cells, refused.faults)) from None


def _read(file: Path) -> tuple[Filled | None, list[Row]]:
    if not is_workbook(file):
        return None, read_rows(read_text(file), file.name)
    try:
        return from_sheet(read_bytes(file), file.name)
    except Refused as refused:
        raise refused.in_file(file.name) from None


def _post(session: Session, given: Sequence[Row], also: Collection[str], late: bool) -> Mapping[str, Any]:
    name = given[0].file if given else ""
    with session.writing() as conn:
        book = session.book(conn)
        taken = accepted(conn, book, current(conn, book), given, also)
        request = actions.bank_request(name, taken, late=late)

        def do(moment: dt.datetime) -> Done[Imported]:
            return actions.events(conn, book.id, request.content, moment)

        done = ask(session, conn, book.id, "post", request, do)
    left = {"currency": book.currency, "left": [{key: row.cells[key] for key in LEFT} for row in taken.left],
            "left_total": to_text(left_total(taken.left, book.currency), book.currency)}
    if isinstance(done, Proposal):
        return {**waiting(done), **left}
    return {"posted": done.posted, "skipped": done.skipped, "lines": len(taken.lines), **left}
