"""What every command shares: the database, the partnership, the clock, and how it speaks."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Engine, make_url

from api.database import connect, migrate, needs_migration, reading
from api.refusals import DatabaseNotReady, FileUnwritable, PartnershipNotNamed, SettingWrong
from api.settings import database_url
from ledger import service as books
from ledger.errors import MOST_FAULTS, Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import Said, _, ngettext
from ledger.model import Book

Told = tuple[Callable[[], str], Mapping[str, Any]]
"""What a command tells: words, made when they are said, and data."""
REFUSED = 2
SHOWN = 12  # lines with the same fault that are named
PATIENCE = 2  # seconds that people wait without being told how far it is
_YEAR_10000 = 253_402_300_800  # seconds since 1970


class DryRun(Exception):
    """Raised to leave a transaction without keeping what was tried in it."""


@dataclass
class Session:
    """One command under way."""

    named: str | None  # the database, as it was named; None: the default
    partnership: str | None = None
    as_json: bool = False
    dry_run: bool = False
    key_file: Path | None = None  # who acts; without it, POOLBOOK_KEY says so
    language: str = "en"  # in which statements, reports and refusals are written

    @property
    def database(self) -> str:
        return self.named or "poolbook.db"

    @property
    def shown(self) -> str:
        """The database as people may read it: without a password."""
        return make_url(self.database).render_as_string() if "://" in self.database else self.database

    def spoken(self) -> AbstractContextManager[None]:
        """While this lasts, words for people are in the session's language."""
        if self.language == "en":
            return nullcontext()
        from exports.language import speaking

        return speaking(self.language)

    @cached_property
    def engine(self) -> Engine:
        """The database, which must be there and up to date."""
        engine = connect(database_url(self.database))
        if not exists(engine) or needs_migration(engine):
            raise Refused([DatabaseNotReady(database=self.shown)])
        return engine

    @cached_property
    def fresh_engine(self) -> Engine:
        """The database, made or brought up to date first; one that `--dry-run` would make is made in memory."""
        engine = connect(database_url(self.database))
        if self.dry_run and not exists(engine):
            engine = connect("sqlite://")
        migrate(engine)
        return engine

    @contextmanager
    def writing(self, engine: Engine | None = None) -> Iterator[Connection]:
        """One transaction: kept when all went well, undone by any refusal and by `--dry-run`."""
        try:
            with (engine or self.engine).begin() as conn:
                yield conn
                if self.dry_run:
                    raise DryRun
        except DryRun:
            pass

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """One transaction that only reads."""
        with reading(self.engine).begin() as conn:
            yield conn

    def book(self, conn: Connection) -> Book:
        """The partnership asked for, or the only one there is."""
        if self.partnership:
            return books.open_book(conn, self.partnership)
        found = books.list_books(conn)
        if len(found) != 1:
            raise Refused([PartnershipNotNamed(known=", ".join(book.id for book in found) or Said("(none)"))])
        return found[0]

    def say(self, words: Callable[[], str], data: Mapping[str, Any]) -> None:
        """Prints the result: words for people, in their language, or JSON with `--json`."""
        if self.as_json:
            whole = {**data, **({"dry_run": True} if self.dry_run else {})}
            click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        else:
            with self.spoken():
                click.echo(f"{_('Nothing is kept (--dry-run).') + ' ' if self.dry_run else ''}{words()}")


def exists(engine: Engine) -> bool:
    """Whether the database is there; only an SQLite file may be missing."""
    path = engine.url.database
    return engine.dialect.name != "sqlite" or path in (None, "", ":memory:") or Path(str(path)).exists()


def now() -> dt.datetime:
    """The present moment; `SOURCE_DATE_EPOCH` stands in for it where runs must be the same to the byte."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if not fixed:
        return dt.datetime.now(dt.UTC)
    if not fixed.isascii() or not fixed.isdigit() or int(fixed) >= _YEAR_10000:
        raise SettingWrong(variable="SOURCE_DATE_EPOCH", text=fixed)
    return dt.datetime.fromtimestamp(int(fixed), dt.UTC)


def unusable(error: OSError) -> PoolbookError:
    """What the system would not write, as a refusal: a file or a folder, or where it names none, standard output."""
    if not error.filename:
        _give_up_output()
    place = str(error.filename or Said("standard output"))
    return FileUnwritable(Place(place), fault=foreign(error.strerror or "") or Said("unusable"))


def _give_up_output() -> None:
    """What waits to be written to standard output goes nowhere, so that Python does not stumble over it at its end."""
    with suppress(OSError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def show_faults(faults: Sequence[PoolbookError], *, as_json: bool) -> None:
    """Prints faults on standard error, each with its place and its remedy."""
    if as_json:
        data = {"refused": [fault.as_data() for fault in faults]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=1), err=True)
        return
    from exports.words import counted

    for line in _in_lines(faults, counted):
        click.echo(line, err=True)
    if len(faults) >= MOST_FAULTS:
        click.echo(_("{count} faults, and more may follow: reading stopped there. Nothing was recorded.").format(
            count=counted(len(faults))), err=True)
    elif len(faults) > 1:
        click.echo(_("{count} faults; nothing was recorded.").format(count=counted(len(faults))), err=True)


def _in_lines(faults: Sequence[PoolbookError], counted: Callable[[int], str]) -> Iterator[str]:
    """Faults as people read them: what is the same on many lines of a file is told once, with the other lines."""
    same: dict[tuple[str, ...], list[PoolbookError]] = {}
    for fault in faults:
        line = "" if fault.place.line is not None else str(len(same))  # what has no line stands for itself
        what = (fault.place.file, line, fault.place.field, fault.message, fault.advice)
        same.setdefault(what, []).append(fault)
    for first, *others in same.values():
        yield from first.lines()
        if others:
            shown = ", ".join(str(one.place.line) for one in others[:SHOWN])
            more = f"{shown}, …" if len(others) > SHOWN else shown
            yield "    " + ngettext("the same on line {lines}", "the same on {count} more lines: {lines}",
                                    len(others)).format(count=counted(len(others)), lines=more)


@contextmanager
def progress(label: str, length: int | Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, for what takes over two seconds; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    started, bars = time.monotonic(), ExitStack()
    shown: list[Any] = []

    def done(count: int) -> None:
        if not shown and time.monotonic() - started > PATIENCE:
            whole = length if isinstance(length, int) else length()
            shown.append(bars.enter_context(click.progressbar(length=whole, label=label, file=sys.stderr)))
        for bar in shown:
            bar.update(count - bar.pos)

    with bars:
        yield done


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all; a link stays one, and what is no file (a pipe, a terminal) is written to."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # of a folder the system says what it is
            return
        target = path.resolve()
        part = target.with_name(f"{target.name}.part")
        try:
            part.write_bytes(content)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(OSError(error.errno, error.strerror, str(path))) from None
