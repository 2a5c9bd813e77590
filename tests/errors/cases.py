"""Runs the refused files and prints their faults as the command line does; `renew` and the tests both use it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from api.commands.files import read_events, read_text
from commissioning import service
from exports.statement import to_json
from ledger import service as books
from ledger import store
from ledger.errors import Refused
from ledger.model import Head

HERE = Path(__file__).parent
AGREEMENTS = sorted((HERE / "agreements").glob("*.yaml"))
EVENTS = [path for path in sorted((HERE / "events").glob("*.csv")) if path.name != "sound.csv"]
NOW = dt.datetime(2024, 10, 1, 9, 0, tzinfo=dt.UTC)

@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a file did: the faults as printed (empty: it was accepted), and the books before and after."""

    printed: str
    before: Head | None
    after: Head | None


def golden(path: Path) -> Path:
    """Where a file's message is kept: beside it."""
    return path.with_suffix(".txt")


def try_agreement(conn: Connection, path: Path) -> Tried:
    """Applies an agreement to a database without partnerships."""
    printed = ""
    try:
        service.apply(conn, read_text(path), path.name, NOW)
    except Refused as refused:
        printed = _printed(refused)
    made = books.list_books(conn)
    return Tried(printed, None, store.head(conn, made[0]) if made else None)


def try_events(conn: Connection, path: Path) -> Tried:
    """Applies the sound agreement, and the sound events where the file needs them first; then imports the file."""
    folder = path.parent
    terms = folder / ("two-funds.yaml" if path.stem == "fund-missing" else "agreement.yaml")
    applied = service.apply(conn, read_text(terms), terms.name, NOW)
    if path.stem in ("reference-known-other-content", "closed-period"):
        sound, _ = read_events([folder / "sound.csv"], "GBP")
        service.import_events(conn, applied.book, sound, NOW)
    if path.stem == "closed-period":
        service.close(conn, applied.book, "FY2024-Q1", NOW, to_json)
    before, printed = store.head(conn, applied.book), ""
    events, unreadable = read_events([path], "GBP")
    try:
        with conn.begin_nested():  # the command's transaction, which a refusal rolls back
            service.import_events(conn, applied.book, events, NOW, unreadable=unreadable)
    except Refused as refused:
        printed = _printed(refused)
    return Tried(printed, before, store.head(conn, applied.book))


def _printed(refused: Refused) -> str:
    return "\n".join(str(fault) for fault in refused.faults) + "\n"
