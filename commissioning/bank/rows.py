"""Suggestions as rows that an officer edits, and what the accepted ones post: events that tie to the bank's lines.

A line has a row for each event; to share it out otherwise, rows are copied. The bank's reference is the event's, so
that a row that is posted again changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from sqlalchemy import Connection

from commissioning.agreement.model import Agreement
from commissioning.bank import refusals as no
from commissioning.bank.expected import own_day, own_references
from commissioning.books.postings import bank, entry_of
from commissioning.events.aligned import aligned
from commissioning.events.reading import read_event
from commissioning.events.spreadsheet import as_given
from commissioning.refusals.files import CsvUnreadable
from contributions.bank.finders import is_part
from ledger import store as books_store
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import N_
from ledger.model import Book, Entry, Recorded
from ledger.money import grouped, to_minor

ABOUT = ("line", "bank_account", "booked", "bank_amount", "name", "text", "strength", "why")
EVENT = ("event", "fund", "service", "partner", "for", "amount", "source", "cost_class", "case", "account", "against",
         "reference", "note")
COLUMNS = (*ABOUT, "accept", *EVENT)
NEEDED = ("line", "bank_account", "booked", "bank_amount", "accept", "event")
IN_BOOKS, NOTHING, UNMATCHED = N_("in the books"), N_("nothing to post"), N_("unmatched")
"""What stands for a strength where nothing is suggested to be posted."""
YES = frozenset({"yes", "y", "x", "1", "true", "ja", "j", "oui", "kyllä", "si", "sí"})
NO = frozenset({"", "no", "n", "0", "false", "nein", "nej", "non", "ei"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in its file (from 2; in a list from 2 as well), and its cells by column."""

    number: int
    cells: Mapping[str, str]
    file: str = ""

    def place(self, column: str = "") -> Place:
        return Place(self.file, self.number, column)

    @property
    def of(self) -> tuple[str, str]:
        """The bank line that it is about."""
        return self.cells["bank_account"], self.cells["line"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepted rows post, as the CSV of events with each on its row's line; and the lines that are left.

    `lines`: the bank's lines that these events stand for, as `refuse_posted` reads them, now or when they are approved.
    """

    events: str
    lines: list[Mapping[str, Any]]
    left: tuple[Row, ...]


def read_rows(text: str, file: str = "") -> list[Row]:
    """The rows of a CSV file, with the lines on which they stand."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), _separator(text))
    header = [name.strip().casefold() for name in next(reader, [])]
    for column in NEEDED:
        if column not in header:
            raise Refused([no.BankRowsColumn(Place(file, 1), column=column)])
    found, line = [], reader.line_num
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = dict(zip(header, (as_given(cell).strip() for cell in row), strict=False))
                found.append(row_of(line + 1, cells, file))
            line = reader.line_num
    except csv.Error as error:
        raise Refused([CsvUnreadable(Place(file, reader.line_num), fault=foreign(str(error)))]) from None
    return found


class _Semicolons(csv.excel):
    delimiter = ";"


def _separator(text: str) -> type[csv.excel]:
    """Where a decimal comma is usual, spreadsheet programs write semicolons between cells."""
    header = text.partition("\n")[0]
    return _Semicolons if header.count(";") > header.count(",") else csv.excel


def row_of(number: int, cells: Mapping[str, str], file: str = "") -> Row:
    """A row from its cells; those that are not given are empty."""
    return Row(number, {column: cells.get(column, "").strip() for column in COLUMNS}, file)


def accepted(conn: Connection, book: Book, agreement: Agreement, rows: Sequence[Row],
             also: Collection[str] = ()) -> Accepted:
    """The events that the accepted rows stand for. `also`: rows of these strengths count as accepted unless a no says.

    Raises `Refused` with every row that is unclear and every line whose rows do not come to it.
    """
    faults: list[PoolbookError] = []
    taken: list[Row] = []
    for row in rows:
        try:
            if _taken(row, also):
                taken.append(row)
        except PoolbookError as fault:
            faults.append(fault.at(row.place("accept")))
    events = _numbered(taken)
    by_line: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in events:
        by_line[row.of].append(row)
    for some in by_line.values():
        faults += _faults(conn, book, agreement, some)
    left = {row.of: row for row in rows
            if row.of not in by_line and row.cells["strength"] not in (IN_BOOKS, NOTHING)}
    for row in left.values():
        faults += _amount_faults(row, agreement.currency)
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.place.line or 0))
    csv_rows = [(row.number, {**row.cells, "date": row.cells["booked"]}) for row in events]
    return Accepted(aligned(csv_rows), [_line_of(some) for some in by_line.values()], tuple(left.values()))


def _line_of(rows: Sequence[Row]) -> Mapping[str, Any]:
    """What is kept of a bank line beside its events."""
    first = rows[0]
    return {"row": first.number, "line": first.cells["line"], "booked": first.cells["booked"],
            "events": [[row.cells["event"], row.cells["reference"]] for row in rows]}


def _taken(row: Row, also: Collection[str]) -> bool:
    said = row.cells["accept"].casefold()
    if said not in YES | NO:
        raise no.BankAcceptUnclear(found=row.cells["accept"])
    yes = said in YES or (not said and row.cells["strength"] in also)
    if yes and not row.cells["event"]:
        if row.cells["strength"] in (IN_BOOKS, NOTHING):
            return False
        raise no.BankEventMissing(row.place("event"), line=row.cells["line"])
    return yes


def _numbered(rows: Sequence[Row]) -> list[Row]:
    """Each with a reference: its line's own, numbered where a line has several rows without one of theirs."""
    without: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        without[row.of] += not row.cells["reference"]
    given: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for row in rows:
        reference = row.cells["reference"]
        if not reference:
            given[row.of] += 1
            line = row.cells["line"]
            reference = f"{line}/{given[row.of]}" if without[row.of] > 1 else line
        found.append(replace(row, cells={**row.cells, "reference": reference}))
    return found


def _faults(conn: Connection, book: Book, agreement: Agreement, rows: Sequence[Row]) -> list[PoolbookError]:
    """What is wrong with the accepted rows of one line: what one says, or what they come to."""
    faults: list[PoolbookError] = []
    moved = 0
    for row in rows:
        try:
            event = read_event({**row.cells, "date": row.cells["booked"]}, agreement.currency, row.place())
            entry = (_undone(conn, book, event.against) if event.event == "reversal" else entry_of(event, agreement))
            moved += _at_bank(entry, agreement) * (-1 if event.event == "reversal" else 1)
        except PoolbookError as fault:
            faults.append(_in_row(fault, row))
    if faults:
        return faults
    first = rows[0]
    if wrong := _amount_faults(first, agreement.currency):
        return wrong
    amount = to_minor(first.cells["bank_amount"], agreement.currency)
    if moved != amount:
        return [no.BankRowsDiffer(first.place("amount"), line=first.cells["line"],
                                  events=grouped(moved, agreement.currency),
                                  amount=grouped(amount, agreement.currency))]
    return []


def refuse_posted(conn: Connection, book: Book, agreement: Agreement, lines: Iterable[Mapping[str, Any]],
                  file: str) -> None:
    """Refuses bank lines that stand in the books as something else than their events say: they would be there twice.

    Asked with the books locked, so that of two who post or approve one line otherwise only the first does.
    """
    given = list(lines)
    there = books_store.find_references(conn, book, [each for line in given for each in own_references(line["line"])])
    faults = [fault for line in given for fault in _posted_otherwise(conn, book, agreement, line, there, file)]
    if faults:
        raise Refused(faults)


def _posted_otherwise(conn: Connection, book: Book, agreement: Agreement, line: Mapping[str, Any],
                      by_reference: Mapping[str, Sequence[Recorded]], file: str) -> list[PoolbookError]:
    name, said = line["line"], {(kind, reference) for kind, reference in line["events"]}
    if not any(is_part(reference, name) for _, reference in said):
        return []
    there, some = (list(by_reference[each]) for each in own_references(name))
    for n in count(2):
        if not some:
            break
        there += some
        some = books_store.find_reference(conn, book, f"{name}/{n}")
    if not there:
        return []
    undone = books_store.reversed_by(conn, book, [one.number for one in there])
    return [no.BankLinePosted(Place(file, line["row"], "event"), line=name, kind=one.entry.kind,
                              reference=one.entry.reference, entry=one.number)
            for one in there if one.number not in undone and (one.entry.kind, one.entry.reference) not in said
            and own_day(one).isoformat() == line["booked"] and _at_bank(one.entry, agreement)]


def _in_row(fault: PoolbookError, row: Row) -> PoolbookError:
    """A fault with its row; an event's date is the row's column `booked`."""
    field = "booked" if fault.place.field == "date" else fault.place.field
    return type(fault)(row.place(field), index=fault.index, **fault.facts)


def _at_bank(entry: Entry | None, agreement: Agreement) -> int:
    """What an entry moves at the bank, in all funds."""
    accounts = {bank(fund) for version in agreement.versions() for fund in version.funds}
    return sum(line.amount for line in entry.postings if line.account in accounts) if entry else 0


def _undone(conn: Connection, book: Book, against: str) -> Entry | None:
    """The entry that a reversal names; posting it says what is wrong where there is none, or several."""
    kind, _, reference = against.partition(":")
    one = books_store.find(conn, book, kind, reference) if reference else None
    found = [one] if one else books_store.find_reference(conn, book, against)
    return next((one.entry for one in found if one.entry.postings), None)


def left_total(rows: Iterable[Row], currency: str) -> int:
    """What the lines that are left come to."""
    return sum(to_minor(row.cells["bank_amount"], currency) for row in rows)


def _amount_faults(row: Row, currency: str) -> list[PoolbookError]:
    try:
        to_minor(row.cells["bank_amount"], currency)
    except PoolbookError as fault:
        return [fault.at(row.place("bank_amount"))]
    return []
