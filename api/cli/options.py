"""What all commands share: their common options, how a refusal is shown, and options that several take."""

from __future__ import annotations

import datetime as dt
import errno
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from api.commands.session import Session
    from ledger.errors import PoolbookError

PathTo = click.Path(path_type=Path)
HERE = "here"
MOMENT = "2024-07-31 (its end, UTC) or 2024-07-31T17:00:00+01:00"
ENGLISH = "en"
ROLES = ("finance-officer", "approver", "commissioner", "board-reader", "auditor", "administrator")
JOURNALS = ("beancount", "hledger", "csv", "jsonl")


class InJson(click.UsageError):
    """A command that was called wrongly, told as a refusal in JSON."""

    def __init__(self, error: click.ClickException) -> None:
        context = error.ctx if isinstance(error, click.UsageError) else None
        super().__init__(error.format_message(), context)
        self.remedy = f"see {context.command_path if context else 'poolbook'} --help"

    def show(self, file: IO[Any] | None = None) -> None:
        fault = {"code": "usage", "message": self.message, "remedy": self.remedy, "facts": {}}
        click.echo(json.dumps({"refused": [fault]}, ensure_ascii=False, indent=1), file=file, err=True)


class Grouped(click.Group):
    """Commands that the help lists in the order in which they were added, each with its whole first sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def sections(self) -> Mapping[str, Sequence[str]]:
        """The names under each heading."""
        return {"Commands": list(self.commands)}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.commands))
        for title, names in self.sections().items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), self.commands[name].get_short_help_str(limit=1000))
                                    for name in names])


class Commands(Grouped):
    """The commands by subject; with `--json` also what is wrong with the call itself is told in JSON."""

    in_json = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.subjects: dict[str, list[str]] = {}

    def add(self, subject: str, commands: Sequence[click.Command]) -> None:
        """Adds commands under a heading."""
        for one in commands:
            self.add_command(one)
            self.subjects.setdefault(subject, []).append(str(one.name))

    def sections(self) -> Mapping[str, Sequence[str]]:
        return self.subjects

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None,
                     **extra: Any) -> click.Context:
        self.in_json = "--json" in args
        with self._telling():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with self._telling():
            return super().invoke(ctx)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except click.ClickException as error:
            raise InJson(error) if self.in_json and not isinstance(error, InJson) else error from None
        except OSError as error:  # of help, which goes before any command
            if error.errno == errno.EPIPE:
                raise
            from api.commands.session import REFUSED, show_faults, unusable

            show_faults((unusable(error),), as_json=self.in_json)
            sys.exit(REFUSED)


def _refusing(work: Callable[..., Any], session: Session, *, records: bool) -> Any:
    """Runs a command; a refusal is shown with its place and remedy, and ends with status 2.

    So does what the database or the file system would not do. A command that `records` works in English, so that
    nothing of the reader's language gets into the books; what it then shows speaks as the reader does.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from api.commands.session import REFUSED, show_faults, unusable
    from ledger.constraints import as_domain_error
    from ledger.errors import PoolbookError, Refused

    faults: Sequence[PoolbookError]
    try:
        _log()
        with nullcontext() if records else session.spoken():
            return work()
    except Refused as refused:
        faults = refused.faults
    except PoolbookError as error:
        faults = (error,)
    except SQLAlchemyError as error:
        faults = (as_domain_error(error),)
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader left: nobody is there to be told
            raise
        faults = (unusable(error),)
    with session.spoken():
        show_faults(faults, as_json=session.as_json)
    sys.exit(REFUSED)


def known_language(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """`--language`: one that there is a catalogue of."""
    if value != ENGLISH:
        from exports.language import languages

        if value not in languages():
            raise click.BadParameter(f"{value!r} is not spoken here; choose one of {', '.join(languages())}")
    return value


def _log() -> None:
    """Logs to standard error where the environment says from which weight on; else a command tells its result alone."""
    if os.environ.get("POOLBOOK_LOG_LEVEL"):
        from api import logs
        from api.settings import from_environment

        settings = from_environment()
        logs.configure(settings.log_level, settings.log_format)


def command(*, changes: bool = False, partnership: bool = True, acts: bool = False,
            where: str = HERE) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command the options that all of them take, and hands it a session in their place."""
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(database: str | None, as_json: bool, partnership: str | None = None, dry_run: bool = False,
                    key_file: Path | None = None, **options: Any) -> Any:
            from api.commands.session import Session

            language = click.get_current_context().find_root().params.get("language", ENGLISH)
            session = Session(database, partnership, as_json, dry_run, key_file, language)
            return _refusing(lambda: function(session, **options), session, records=changes)

        for option in _options(changes=changes, partnership=partnership, acts=acts, where=where):
            wrapped = option(wrapped)
        return wrapped
    return decorate


def _options(*, changes: bool, partnership: bool, acts: bool, where: str) -> list[Callable[..., Any]]:
    found = [click.option("--json", "as_json", is_flag=True, help="Speak JSON."),
             click.option("--database", envvar="POOLBOOK_DATABASE" if where == HERE else None, metavar="URL",
                          help="Where the ledger is: postgresql://..., or the name of an SQLite file. "
                               f"Default: {'$POOLBOOK_DATABASE, else ' if where == HERE else ''}poolbook.db {where}.")]
    if partnership:
        found.append(click.option("--partnership", metavar="ID",
                                  help="Which partnership, by its id, where there are several."))
    if changes:
        found.append(click.option("--dry-run", is_flag=True, help="Say what would change, and keep nothing."))
    if acts:
        found.append(click.option("--key-file", type=PathTo, metavar="FILE",
                                  help="A file with your key, by which it is known who acts. Default: $POOLBOOK_KEY."))
    return found


def say(session: Session, done: Mapping[str, Any], words: Callable[[], str]) -> None:
    """Tells what was done; or, where it waits for a second person, what was proposed."""
    from api.commands.told import told_waiting

    session.say((lambda: told_waiting(done["proposal"])) if "proposal" in done else words, done)


def moment(_context: click.Context, _option: click.Parameter, value: str | None) -> dt.datetime | None:
    """`--known-at`: a date (its last moment, UTC) or a date and time."""
    if value is None:
        return None
    try:
        found = dt.datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a moment; write 2024-07-31 or 2024-07-31T17:00:00+01:00") from None
    if len(value) == len("2024-07-31"):
        found = dt.datetime.combine(found.date(), dt.time.max)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def issues(_context: click.Context, _option: click.Parameter,
            value: str | None) -> tuple[int | None, int | None] | None:
    """`--differences`: the number of an issue, or of two."""
    if value is None:
        return None
    first, _, last = value.partition(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (first, last or "1")):
        raise click.BadParameter(f"{value!r} names no issues; write 1 or 1:2, or 1:0 for a draft of how it would be")
    return int(first), int(last) if last else None
