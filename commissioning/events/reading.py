"""Reads files and requests of events: every row for its form, every fault with its row and column.

What an event means to the agreement and the books is in `commissioning.books.postings`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from allocation.discovery import near
from commissioning.events.model import COLUMNS, KINDS, Event, Kind
from commissioning.events.refusals import AmountSign, EventUnknown, FieldMissing, UnitsNegative, UnitsUnreadable
from commissioning.events.spreadsheet import as_given
from commissioning.refusals.files import (
    ColumnMissing,
    ColumnUnknown,
    CommasMissing,
    CsvTooLarge,
    CsvUnreadable,
    DateUnreadable,
    KeyTwice,
    RowRagged,
)
from ledger.errors import MOST_FAULTS, Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import N_, Said
from ledger.model import UNIT
from ledger.money import grouped, to_minor

WHY = "why_refused"  # a column that Poolbook adds to rows it gives back to be mended, and passes over when they return
NEEDED = ("date", "event", "reference")
MOST_COLUMNS = 100
SEPARATORS = {";": N_("semicolons"), "\t": N_("tabs")}
_UNITS = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
MUST = {"positive": Said("more than zero"), "units": Said("more than zero"), "zero": Said("zero or more"),
        "any": Said("other than zero"), "optional": Said("more than zero")}


def read_csv(text: str, currency: str, file: str = "",
             whole: bool = False) -> tuple[list[Event], list[PoolbookError]]:
    """The events of a CSV file, and the faults of the rows that could not be read, each with its line."""
    faults: list[PoolbookError] = []
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    return list(csv_events(lines, currency, file, faults, whole=whole)), faults


def csv_events(lines: Iterable[str], currency: str, file: str, faults: list[PoolbookError], *,
               whole: bool) -> Iterator[Event]:
    """The events of a CSV file as its lines are read; what is wrong with rows goes to `faults`, each with its line.

    Where nothing is taken of a file that is not `whole`, reading ends once as many faults are found as are told. What
    Poolbook put before a formula in a file that it gave back to be mended comes off again.
    """
    reader = csv.reader(lines, strict=True)
    header, width = _header(reader, file)
    given_back = WHY in header

    def rows() -> Iterator[tuple[Mapping[str, Any], Place]]:
        line = reader.line_num
        for row in reader:
            place, line = Place(file, line + 1), reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) == width and not any(map(str.strip, row[len(header):])):
                cells = map(as_given, row) if given_back else row
                yield dict(zip(header, cells, strict=False)), place
            else:
                faults.append(RowRagged(place, count=len(row), expected=len(header)))
                if whole and len(faults) >= MOST_FAULTS:
                    return

    try:
        yield from _events(rows(), currency, faults, MOST_FAULTS if whole else None)
    except csv.Error as error:
        raise Refused([CsvUnreadable(Place(file, reader.line_num), fault=foreign(str(error)))]) from None


def _header(reader: Iterator[list[str]], file: str) -> tuple[list[str], int]:
    """The names of the columns, and how many there are with empty ones at the end, which spreadsheets leave behind."""
    header = [name.strip() for name in next(reader, [])]
    if len(header) > MOST_COLUMNS:
        raise Refused([CsvTooLarge(Place(file, 1), limit=Said("{most} columns", most=MOST_COLUMNS))])
    width = len(header)
    while header and not header[-1]:
        header.pop()
    for mark, found in SEPARATORS.items():
        if len(header) == 1 and mark in header[0]:
            raise Refused([CommasMissing(Place(file, 1), found=Said(found))])
    problems = list(_header_faults(header, file))
    if problems:
        raise Refused(problems)
    return header, width


def read_objects(objects: Iterable[Mapping[str, Any]], currency: str) -> tuple[list[Event], list[PoolbookError]]:
    """The events of a JSON list, and the faults of those that could not be read, as many as are told.

    Places count from 1.
    """
    def rows() -> Iterator[tuple[Mapping[str, Any], Place]]:
        for i, given in enumerate(objects):
            unknown = [key for key in given if key not in COLUMNS]
            if unknown:
                raise Refused([_column_unknown(unknown[0], Place(line=i + 1))])
            yield given, Place(line=i + 1)

    faults: list[PoolbookError] = []
    return list(_events(rows(), currency, faults, MOST_FAULTS)), faults


def _events(rows: Iterable[tuple[Mapping[str, Any], Place]], currency: str, faults: list[PoolbookError],
            most_faults: int | None) -> Iterator[Event]:
    for row, place in rows:
        try:
            event = read_event(row, currency, place)
        except PoolbookError as error:
            faults.append(error.at(place))
            if most_faults is not None and len(faults) >= most_faults:
                return
        else:
            yield event


def _header_faults(header: list[str], file: str) -> Iterator[PoolbookError]:
    place = Place(file, 1)
    for name in header:
        if name not in (*COLUMNS, WHY):
            yield _column_unknown(name, place)
    for name in NEEDED:
        if name not in header:
            yield ColumnMissing(place, column=name, wanted=", ".join(NEEDED))
    for name in dict.fromkeys(n for n in header if header.count(n) > 1):
        yield KeyTwice(place, key=name)


def _column_unknown(name: str, place: Place) -> PoolbookError:
    return ColumnUnknown(place, column=name, known=", ".join(COLUMNS), hint=near(name, COLUMNS))


def read_event(row: Mapping[str, Any], currency: str, place: Place) -> Event:
    """One row or object as an event. Raises the first fault found, with the column."""
    cells = {name: "" if row.get(name) is None else str(row[name]).strip() for name in COLUMNS}
    kind = KINDS.get(cells["event"])
    if kind is None:
        raise EventUnknown(Place(field="event"), name=cells["event"], known=", ".join(KINDS),
                           hint=near(cells["event"], KINDS))
    for field in ("reference", "date", *kind.needs):
        if not cells[field]:
            raise FieldMissing(Place(field=field), event=cells["event"], field=field)
    if cells["event"] == "activity":
        cells["partner"] = cells["partner"] or cells["for"]
        if not cells["partner"]:
            raise FieldMissing(Place(field="partner"), event="activity", field="partner")
    words = {name: cells[name] for name in COLUMNS if name not in ("date", "for", "amount", "units")}
    amount = _in(cells, "amount", lambda text: _amount(text, kind, cells, currency))
    units = _in(cells, "units", _units)
    if units is not None and units < 0 and cells["event"] != "outcome":
        raise UnitsNegative(Place(field="units"), units=cells["units"])
    if cells["event"] == "action":
        _date(cells["source"], "source")
    return Event(date=_date(cells["date"]), amount=amount, units=units,
                 beneficiary=cells["for"], place=place, **words)


def _in(cells: Mapping[str, str], field: str, read: Callable[[str], int | None]) -> int | None:
    """Reads one cell, naming its column in a fault."""
    try:
        return read(cells[field])
    except PoolbookError as error:
        raise error.at(Place(field=field)) from None


def _date(text: str, field: str = "date") -> dt.date:
    try:
        if len(text) != len("2024-04-01") or "W" in text:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DateUnreadable(Place(field=field), text=text) from None


def _amount(text: str, kind: Kind, cells: Mapping[str, str], currency: str) -> int | None:
    if kind.sign == "none" or (kind.sign == "optional" and not text):
        return None
    if not text:
        raise FieldMissing(event=cells["event"], field="amount")
    amount = to_minor(text, currency)
    good = {"positive": amount > 0, "units": amount > 0 or (amount == 0 and bool(cells["units"])), "zero": amount >= 0,
            "any": amount != 0, "optional": amount > 0}[kind.sign]
    if not good:
        raise AmountSign(event=cells["event"], amount=grouped(amount, currency), must=MUST[kind.sign])
    return amount


def _units(text: str) -> int | None:
    if not text:
        return None
    if not _UNITS.fullmatch(text):
        raise UnitsUnreadable(text=text)
    return (Fraction(text) * UNIT).numerator
