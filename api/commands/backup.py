"""`poolbook backup` and `poolbook restore`: one file that holds the whole ledger, and the way back, proved by verify.

Beside the backup FILE stands FILE.heads, which says where each partnership's chain stood; a restore compares.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect

from api import postgres_tools as tools
from api.backup_refusals import BackupExists, BackupUnreadable, HeadsUnreadable, RestoreNotEmpty
from api.commands.files import read_text, unopened
from api.commands.session import Session, exists, unusable, write_file
from api.database import connect, migrate, reading, version
from api.refusals import FileUnwritable
from api.settings import database_url
from commissioning import service
from ledger import service as books
from ledger import store
from ledger.errors import Place, Refused
from ledger.foreign import foreign
from ledger.language import Said
from ledger.model import Head

_SQLITE, _DUMP = b"SQLite format 3\0", b"PGDMP"


def backup(session: Session, file: Path) -> Mapping[str, Any]:
    """Writes the whole database into one new file while others go on writing, and verifies what it wrote.

    The copy of an SQLite ledger is verified itself. A dump of PostgreSQL proves itself only when it is restored: there
    the ledger is verified, and that the dump can be listed.
    """
    if file.exists():
        raise Refused([BackupExists(file=file)])
    heads_file = _heads_file(file)
    if heads_file.exists():
        raise Refused([BackupExists(file=heads_file)])
    part = file.with_name(file.name + ".part")
    with _fresh(part):
        if session.engine.dialect.name == "sqlite":
            _copy(str(session.engine.url.database), part)
            found = _verified(connect(f"sqlite:///{part}"))
        else:
            found = _verified(session.engine)  # what was there before the dump began is in it
            tools.dump(session.engine, part)
        heads = {one["partnership"]: one["ledger"] for one in found}
        write_file(heads_file, json.dumps(heads, indent=1).encode())  # first: a backup is never without them
        try:
            part.replace(file)
        except OSError:
            heads_file.unlink()
            raise
    return {"file": str(file), "bytes": file.stat().st_size, "heads": str(heads_file), "partnerships": found,
            "sound": not any(one["findings"] for one in found)}


def restore(session: Session, file: Path) -> Mapping[str, Any]:
    """Puts a backup into an empty database, brings it up to date and verifies it against the heads noted beside it."""
    kind, noted = _kind(file), _noted(_heads_file(file))
    engine = connect(database_url(session.database))
    sqlite = engine.dialect.name == "sqlite"
    if sqlite != (kind == _SQLITE):
        raise Refused([BackupUnreadable(file=file, database=session.shown, fault=Said("it is of the other kind"))])
    if _there(engine) if sqlite else inspect(engine).get_table_names():
        raise Refused([RestoreNotEmpty(database=session.shown)])
    if sqlite:
        _put_back(file, Path(str(engine.url.database)), session.shown)
    else:
        tools.restore(engine, file)
    migrate(engine)
    found = _verified(engine, noted)
    return {"file": str(file), "database": session.shown, "partnerships": found, "compared": noted is not None,
            "sound": not any(one["findings"] for one in found)}


def _there(engine: Engine) -> bool:
    """Whether an SQLite file is there, or what another of its name left behind, which SQLite would read into it."""
    return exists(engine) or any(Path(f"{engine.url.database}{left}").exists() for left in ("-wal", "-journal"))


def _heads_file(file: Path) -> Path:
    return file.with_name(file.name + ".heads")


class _fresh:  # noqa: N801 - reads as a word: with _fresh(part)
    """A new file that only its owner reads, gone again when the block does not end well."""

    def __init__(self, part: Path) -> None:
        self.part = part

    def __enter__(self) -> None:
        self.part.unlink(missing_ok=True)
        self.part.touch(mode=0o600)

    def __exit__(self, *_: object) -> None:
        for leftover in (self.part, *(Path(f"{self.part}{suffix}") for suffix in ("-wal", "-shm"))):
            leftover.unlink(missing_ok=True)


def _copy(source: str, part: Path) -> None:
    """A copy as the database was at one moment; writers to it go on."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
    except sqlite3.OperationalError as error:
        raise FileUnwritable(Place(str(part).removesuffix(".part")), fault=foreign(str(error))) from None


def _put_back(file: Path, target: Path, shown: str) -> None:
    part = target.with_name(target.name + ".part")
    with _fresh(part):
        try:
            shutil.copyfile(file, part)
        except OSError as error:
            raise unusable(OSError(error.errno, error.strerror, str(target))) from None
        with closing(sqlite3.connect(part)) as copy:
            try:
                fault = copy.execute("PRAGMA integrity_check").fetchone()[0]
            except sqlite3.DatabaseError as error:
                fault = str(error)
        if fault != "ok":
            raise Refused([BackupUnreadable(file=file, database=shown, fault=fault)])
        if not _version(part):
            raise Refused([BackupUnreadable(file=file, database=shown, fault=Said("it is none that Poolbook wrote"))])
        part.replace(target)


def _version(part: Path) -> str:
    """The version of the ledger in an SQLite file; empty where it is none."""
    engine = connect(f"sqlite:///{part}")
    try:
        return version(engine)
    finally:
        engine.dispose()


def _kind(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_SQLITE))
    except OSError as error:
        raise unopened(file, error) from None
    for kind in (_SQLITE, _DUMP):
        if begins.startswith(kind):
            return kind
    raise Refused([BackupUnreadable(file=file, database=Said("a database"),
                                    fault=Said("it is none that Poolbook wrote"))])


def _noted(heads_file: Path) -> dict[str, Head] | None:
    """The heads noted when the backup was made; None where they are not beside it."""
    if not heads_file.exists():
        return None
    try:
        noted = json.loads(read_text(heads_file))
        return {str(partnership): Head(int(head["entries"]), str(head["head"])) for partnership, head in noted.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise Refused([HeadsUnreadable(Place(str(heads_file)))]) from None


def _verified(engine: Engine, noted: Mapping[str, Head] | None = None) -> list[dict[str, Any]]:
    """Every partnership's chain walked, and compared with the heads noted; one noted that is not there is a finding."""
    with reading(engine).begin() as conn:
        found = [_one(conn, book.id, (noted or {}).get(book.id)) for book in books.list_books(conn)]
    there = {one["partnership"] for one in found}
    gone = [{"partnership": name, "ledger": {"entries": 0, "head": ""}, "findings": ["its books are not there"]}
            for name in (noted or {}) if name not in there]
    engine.dispose()
    return found + gone


def _one(conn: Connection, partnership: str, noted: Head | None) -> dict[str, Any]:
    book = books.open_book(conn, partnership)
    findings = service.verify(conn, book)
    if noted is not None:
        findings += [one for one in books.verify(conn, book, [noted]) if one not in findings]
    head = store.head(conn, book)
    return {"partnership": book.id, "ledger": {"entries": head.entries, "head": head.hash}, "findings": findings}
