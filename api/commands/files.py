"""Reads what people hand over: agreement files and CSV files of events, with faults that name file and line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from commissioning.events import WHY, Event, read_csv
from commissioning.refusals import FileUnreadable
from ledger.errors import Place, PoolbookError, Refused


def read_text(path: Path) -> str:
    """A UTF-8 text file; refuses one that is not there or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise Refused([FileUnreadable(Place(path.name, line), fault="this line is not UTF-8 text")]) from None
    except OSError as error:
        raise Refused([FileUnreadable(Place(str(path)), fault=error.strerror or "it cannot be opened")]) from None
    if "\0" in text:
        raise Refused([FileUnreadable(Place(path.name, text[:text.index("\0")].count("\n") + 1),
                                      fault="this line holds a zero byte, so it is no text file")])
    return text


def read_events(paths: Iterable[Path], currency: str) -> tuple[list[Event], list[PoolbookError]]:
    """The events of several files, and the faults of the rows that could not be read."""
    events: list[Event] = []
    faults: list[PoolbookError] = []
    for path in paths:
        try:
            some, wrong = read_csv(read_text(path), currency, path.name)
        except Refused as refused:
            faults += refused.faults
            continue
        events += some
        faults += wrong
    return events, faults


def refused_rows(paths: Iterable[Path], faults: Iterable[PoolbookError]) -> str:
    """The rows that were refused, as CSV to mend: each file's header, its rows as they were, and why each was."""
    why = {(fault.place.file, fault.place.line): f"{fault.message}: {fault.advice}" for fault in faults}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for path in paths:
        reader = csv.reader(io.StringIO(read_text(path), newline=""))
        header, line = next(reader, []), reader.line_num
        rows = []
        for row in reader:
            if (path.name, line + 1) in why:
                rows.append([*row, why[path.name, line + 1]])
            line = reader.line_num
        if rows:
            writer.writerows([[*header, WHY], *rows])
    return out.getvalue()
