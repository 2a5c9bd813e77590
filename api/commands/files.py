"""Reads what people hand over: agreement files, and events in CSV files and workbooks; faults name the place."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from api.actions import read_files
from commissioning.events.model import Event
from commissioning.events.reading import WHY
from commissioning.events.spreadsheet import as_given, harmless_cell
from commissioning.refusals.files import FileUnreadable
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import Said


def read_text(path: Path) -> str:
    """A UTF-8 text file; refuses one that is not there or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise Refused([FileUnreadable(Place(path.name, line), fault=Said("this line is not UTF-8 text"))]) from None
    except OSError as error:
        raise unopened(path, error) from None
    if "\0" in text:
        raise Refused([FileUnreadable(Place(path.name, text[:text.index("\0")].count("\n") + 1),
                                      fault=Said("this line holds a zero byte, so it is no text file"))])
    return text


def read_bytes(path: Path) -> bytes:
    """A file's bytes; refuses one that is not there."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unopened(path, error) from None


def unopened(path: Path, error: OSError) -> Refused:
    """The refusal of a file that the system does not let us read."""
    fault = foreign(error.strerror or "") or Said("it cannot be opened")
    return Refused([FileUnreadable(Place(str(path)), fault=fault)])


def is_workbook(path: Path) -> bool:
    return path.suffix.lower() == ".xlsx"


def rows_text(path: Path) -> str:
    """The events of a file as CSV: a workbook's rows stand on the lines of their own numbers."""
    if not is_workbook(path):
        return read_text(path)
    from exports.entry_template.entries import read_entries

    try:
        return read_entries(read_bytes(path))[1]
    except Refused as refused:
        raise refused.in_file(path.name) from None


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file of events, read as they are asked for; refuses what `rows_text` does."""
    if is_workbook(path):
        yield from io.StringIO(rows_text(path), newline="")
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in file:
                if "\0" in line:
                    read_text(path)
                yield line
    except (UnicodeDecodeError, OSError):
        read_text(path)  # says what is wrong, and on which line
        raise


def lines_in(path: Path) -> int:
    """About how many lines a file of events has; of a pipe nobody knows."""
    if not path.is_file():
        return 0
    if is_workbook(path):
        return rows_text(path).count("\n")
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def in_cells(paths: Sequence[Path], faults: Iterable[PoolbookError]) -> list[PoolbookError]:
    """Faults with their cells, where they are of rows of a workbook."""
    given = list(faults)
    wrong = {fault.place.file for fault in given if fault.place.line is not None}
    books = [(path, name) for path, name in named(paths) if is_workbook(path) and name in wrong]
    if not books:
        return given
    from exports.entry_template.entries import read_entries

    sheets = {name: read_entries(read_bytes(path))[0] for path, name in books}
    return [sheets[fault.place.file].in_cells(fault) if fault.place.file in sheets else fault for fault in given]


def read_events(paths: Sequence[Path], currency: str) -> tuple[list[Event], list[PoolbookError]]:
    """The events of several files, and the faults of the rows and of the files that could not be read."""
    faults: list[PoolbookError] = []
    return list(read_files(((name, lines_of(path)) for path, name in named(paths)), currency, faults)), faults


def named(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Files with what they are called in faults: their names, and where two have the same, their whole paths."""
    count = Counter(path.name for path in paths)
    return [(path, path.name if count[path.name] == 1 else str(path)) for path in paths]


def refused_rows(files: Iterable[tuple[str, Iterable[str]]], faults: Iterable[PoolbookError]) -> str:
    """The refused rows of files (name and lines) as one CSV to mend: the columns of all, the rows, and why each was."""
    why: dict[tuple[str, int | None], list[str]] = {}
    for fault in faults:
        why.setdefault((fault.place.file, fault.place.line), []).append(f"{fault.message}: {fault.advice}")
    rows = [(header, row, "; ".join(why[name, line])) for name, lines in files
            for header, line, row in _numbered(lines) if (name, line) in why]
    columns = list(dict.fromkeys(column for header, _, _ in rows for column in header if column != WHY))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*map(harmless_cell, columns), WHY])
    for header, row, reason in rows:
        cells = dict(zip(header, row, strict=False))
        given = [*(cells.get(column, "") for column in columns), reason, *row[len(header):]]
        writer.writerow([harmless_cell(cell) for cell in given])
    return out.getvalue()


def _numbered(lines: Iterable[str]) -> Iterator[tuple[list[str], int, list[str]]]:
    """Each row with its file's header, and the line on which it begins."""
    reader = csv.reader(lines)
    header = [name.strip() for name in next(reader, [])]
    line = reader.line_num
    for row in reader:
        yield header, line + 1, [as_given(cell) for cell in row] if WHY in header else row
        line = reader.line_num
