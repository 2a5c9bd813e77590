"""The command line `poolbook`: options and words here, the work in `api.commands`, which is imported when needed.

Results go to standard output and faults to standard error. Exit status 0; 2 when something was refused; 1 when
`verify` found the books unsound.
"""

from __future__ import annotations

import datetime as dt
import errno
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from api.commands.session import Session

PathTo = click.Path(path_type=Path)
HERE = "here"
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


class Commands(click.Group):
    """The commands; with `--json` also what is wrong with the call itself is told in JSON."""

    in_json = False

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


def _refusing(work: Callable[..., Any], session: Session) -> Any:
    """Runs a command; a refusal is shown with its place and remedy, and ends with status 2.

    So does what the database or the file system would not do.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from api.commands.session import REFUSED, show_faults, unusable
    from ledger.constraints import as_domain_error
    from ledger.errors import PoolbookError, Refused

    try:
        _log()
        return work()
    except Refused as refused:
        show_faults(refused.faults, as_json=session.as_json)
    except PoolbookError as error:
        show_faults((error,), as_json=session.as_json)
    except SQLAlchemyError as error:
        show_faults((as_domain_error(error),), as_json=session.as_json)
    except OSError as error:
        if error.errno == errno.EPIPE or not error.filename:  # the reader left: nobody is there to be told
            raise
        show_faults((unusable(error),), as_json=session.as_json)
    sys.exit(REFUSED)


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

            session = Session(database, partnership, as_json, dry_run, key_file)
            return _refusing(lambda: function(session, **options), session)

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
        found.append(click.option("--partnership", metavar="ID", help="Which partnership, where there are several."))
    if changes:
        found.append(click.option("--dry-run", is_flag=True, help="Say what would change, and keep nothing."))
    if acts:
        found.append(click.option("--key-file", type=PathTo, metavar="FILE",
                                  help="A file with your key, by which it is known who acts. Default: $POOLBOOK_KEY."))
    return found


def _say(session: Session, done: Mapping[str, Any], words: Callable[[], str]) -> None:
    """Tells what was done; or, where it waits for a second person, what was proposed."""
    from api.commands.told import told_waiting

    session.say(told_waiting(done["proposal"]) if "proposal" in done else words(), done)


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> dt.datetime | None:
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


def _issues(_context: click.Context, _option: click.Parameter,
            value: str | None) -> tuple[int | None, int | None] | None:
    """`--differences`: the number of an issue, or of two."""
    if value is None:
        return None
    first, _, last = value.partition(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (first, last or "1")):
        raise click.BadParameter(f"{value!r} names no issues; write 1 or 1:2, or 1:0 for a draft of how it would be")
    return int(first), int(last) if last else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="poolbook", message="%(prog)s %(version)s")
def main() -> None:
    """A pooled-budget and joint-commissioning ledger: from a signed agreement to each partner's statement."""


@main.command()
@click.argument("case", type=PathTo)
@click.option("--out", required=True, type=PathTo, metavar="DIR", help="Where the statements (and the ledger) go.")
@click.option("--through", metavar="PERIOD", help="Close up to this period, for example FY2018-Q3.")
@click.option("--known-at", callback=_moment, metavar="TIME", help="Write the statements as they were known then.")
@command(changes=True, partnership=False, where="in --out")
def run(session: Session, case: Path, out: Path, through: str | None, known_at: dt.datetime | None) -> None:
    """Run a CASE: a folder with agreement.yaml and CSV files of events.

    Applies the agreement, posts the events, closes every period up to the last event, and writes each period's
    statement as JSON, workbook, PDF and page. Running it again posts nothing twice.
    """
    from api.commands import case as work
    from api.commands.told import told_run

    if session.named is None:
        session.named = str(out / "poolbook.db")
    done = work.run(session, case, out, through, known_at)
    session.say(told_run(done, out, session.shown), done)


@main.command()
@command(partnership=False)
def init(session: Session) -> None:
    """Make the database, or bring it up to date."""
    from api.commands import year

    done = year.init(session)
    session.say(f"The database is ready: {done['database']}", done)


@main.command()
@click.argument("agreement", type=PathTo)
@command(changes=True, partnership=False, acts=True)
def apply(session: Session, agreement: Path) -> None:
    """Put an AGREEMENT.yaml in force."""
    from api.commands import year
    from api.commands.told import told_apply

    done = year.apply(session, agreement)
    _say(session, done, lambda: told_apply(agreement, done))


@main.command("import")
@click.argument("events", nargs=-1, required=True, type=PathTo)
@click.option("--late", is_flag=True, help="Post what belongs to a closed period in the open one, marked.")
@click.option("--accept-good-rows", "good_rows", type=PathTo, metavar="REFUSED.csv",
              help="Keep the good rows; write the refused ones to this file to be mended.")
@command(changes=True, acts=True)
def import_(session: Session, events: tuple[Path, ...], late: bool, good_rows: Path | None) -> None:
    """Post the events of CSV files, all or none."""
    from api.commands import year
    from api.commands.session import REFUSED
    from api.commands.told import told_import

    done = year.import_events(session, list(events), late, good_rows)
    _say(session, done, lambda: told_import(done, good_rows))
    if done["refused"]:
        sys.exit(REFUSED)


@main.command()
@click.argument("period")
@command(changes=True, acts=True)
def close(session: Session, period: str) -> None:
    """Close a PERIOD: work out the shares, post what is due, issue the statement."""
    from api.commands import year
    from api.commands.told import told_close

    done = year.close(session, period)
    _say(session, done, lambda: told_close(done))


@main.command()
@click.argument("period")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the books.")
@command(changes=True, acts=True)
def reopen(session: Session, period: str, reason: str) -> None:
    """Open a closed PERIOD again, with those after it."""
    from api.commands import year

    done = year.reopen(session, period, reason)
    _say(session, done, lambda: f"Open again: {', '.join(done['reopened'])}. Closing them issues new statements.")


@main.command()
@click.argument("period")
@click.option("--format", "format_name", type=click.Choice(["json", "xlsx", "pdf", "html"]), default="json")
@click.option("--out", type=PathTo, metavar="DIR", help="Write a file there; else to standard output.")
@click.option("--partner", metavar="P", help="Only what concerns this partner.")
@click.option("--known-at", callback=_moment, metavar="TIME",
              help="As it was known then; before the first issue, a draft of how it would have been.")
@click.option("--draft", is_flag=True, help="How it would be if the period were closed now: nothing is posted or kept.")
@click.option("--differences", callback=_issues, metavar="FROM[:TO]",
              help="What changed between two issues, and which entries did it; TO 0 is a draft.")
@command()
def statement(session: Session, period: str, format_name: str, out: Path | None, partner: str | None,
              known_at: dt.datetime | None, draft: bool, differences: tuple[int | None, int | None] | None) -> None:
    """Give the statement issued for a PERIOD; FY2018 is the year's."""
    from api.commands import year

    if differences is not None:
        if out or known_at or draft or format_name != "json":
            raise click.UsageError("--differences goes with --partner and --json only")
        told, found = year.differences(session, period, differences, partner)
        session.say(told.rstrip("\n"), found)
        return
    if session.as_json and format_name != "json" and out is None:
        raise click.UsageError(f"--json cannot carry a statement as {format_name}; name a folder for it with --out")
    path, content = year.statement(session, period, format_name, out, partner, known_at, draft)
    if path:
        session.say(path, {"file": path})
    else:
        sys.stdout.buffer.write(content)


@main.command()
@click.option("--receipt", "receipts", multiple=True, type=PathTo, metavar="FILE", help="Also check this receipt.")
@click.option("--since", "older", multiple=True, type=PathTo, metavar="OLD", help="And that nothing changed since it.")
@click.option("--statement", "statements", multiple=True, type=PathTo, metavar="FILE",
              help="And that this statement-PERIOD.json is the one that the receipt shows.")
@click.option("--key", metavar="KEY", help="The host's public key, as you noted it: only its signature counts.")
@click.option("--offline", is_flag=True, help="Check receipts without a ledger, even if one is here.")
@command()
def verify(session: Session, receipts: tuple[Path, ...], older: tuple[Path, ...], statements: tuple[Path, ...],
           key: str | None, offline: bool) -> None:
    """Prove that the books are whole: every entry, balance and document against the chain.

    With --receipt, that they still hold what the receipt was given for. A receipt is checked without a ledger too.
    """
    from api.commands import proof
    from api.commands.told import told_verify

    if (older or statements or key or offline) and not receipts:
        raise click.UsageError("--since, --statement, --key and --offline go with a receipt: name it with --receipt")
    done = proof.verify(session, (*receipts, *older), statements, key, offline)
    session.say(told_verify(done), done)
    if not done["sound"]:
        sys.exit(1)


@main.command()
@click.argument("names", nargs=-1, metavar="[PERIOD|ENTRY]...")
@click.option("--out", required=True, type=PathTo, metavar="FILE", help="Where the receipt goes.")
@click.option("--partner", metavar="P", help="Show only what this partner may see; refuse anything else.")
@click.option("--since", type=PathTo, metavar="OLD.json", help="Prove that nothing changed since this older receipt.")
@command()
def receipt(session: Session, names: tuple[str, ...], out: Path, partner: str | None, since: Path | None) -> None:
    """Give a signed receipt: proof, for later, of what the books hold now.

    It covers every entry recorded so far and shows the ones named: FY2024-Q1 for its latest statement, FY2024-Q1/2
    for that statement's second issue, 12 for entry 12. `poolbook verify --receipt FILE` checks it anywhere.
    """
    from api.commands import proof
    from api.commands.told import told_receipt

    done = proof.receipt(session, names, out, partner, since)
    session.say(told_receipt(done), done)


@main.command()
@click.option("--format", "format_name", required=True, type=click.Choice(JOURNALS))
@command()
def export(session: Session, format_name: str) -> None:
    """Write the journal as plain text that other tools read."""
    from api.commands import year

    pieces = year.export(session, format_name)
    if session.as_json:
        session.say("", {"format": format_name, "journal": "".join(pieces)})
        return
    for piece in pieces:
        click.echo(piece, nl=False)


@main.command()
@click.argument("number", required=False, type=click.IntRange(1))
@click.option("--all", "every", is_flag=True, help="Also those that were decided.")
@command()
def proposals(session: Session, number: int | None, every: bool) -> None:
    """List what waits for a second person; with a NUMBER, one with all that was asked for."""
    from api.commands import proposals as work
    from api.commands.told import told_proposals

    if number is not None:
        found = work.one(session, number)
        asked = json.dumps(found["request"], ensure_ascii=False, indent=1)
        session.say(f"{told_proposals([found])}\n{asked}", found)
        return
    listed = work.listing(session, every)
    session.say(told_proposals(listed), {"proposals": listed})


@main.command()
@click.argument("number", type=click.IntRange(1))
@command(changes=True, acts=True)
def approve(session: Session, number: int) -> None:
    """Do what proposal NUMBER asks for, as its second person."""
    from api.commands import proposals as work

    done = work.approve(session, number)
    session.say(f"Proposal {number} of {done['person']} is approved and done.", done)


@main.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", required=True, metavar="TEXT", help="Why; its maker will read it.")
@command(changes=True, acts=True)
def reject(session: Session, number: int, reason: str) -> None:
    """Turn proposal NUMBER down; nothing of it is done."""
    from api.commands import proposals as work

    done = work.reject(session, number, reason)
    session.say(f"Proposal {number} of {done['person']} is {done['status']}; nothing of it was done.", done)


@main.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@command(changes=True, acts=True)
def withdraw(session: Session, number: int, reason: str) -> None:
    """Take your own proposal NUMBER back."""
    from api.commands import proposals as work

    session.say(f"Proposal {number} is withdrawn.", work.withdraw(session, number, reason))


@main.command()
@click.argument("entry", type=click.IntRange(1))
@command()
def who(session: Session, entry: int) -> None:
    """Say who recorded an ENTRY, and when."""
    from api.commands import proposals as work

    found = work.recorded_by(session, entry)
    words = f"{found['person']} ({found['actor']}) at {found['at']}" if found["actor"] else "it is not kept by whom"
    session.say(f"Entry {entry}: {words}", found)


@main.command()
@click.argument("file", type=PathTo)
@command(partnership=False)
def backup(session: Session, file: Path) -> None:
    """Write the whole database into one new FILE, while others go on writing, and verify it."""
    from api.commands import backup as work
    from api.commands.told import told_backup

    _proved(session, work.backup(session, file), told_backup)


@main.command()
@click.argument("file", type=PathTo)
@command(partnership=False)
def restore(session: Session, file: Path) -> None:
    """Put a backup FILE into the database, which must be empty, and verify it."""
    from api.commands import backup as work
    from api.commands.told import told_restore

    _proved(session, work.restore(session, file), told_restore)


def _proved(session: Session, done: Mapping[str, Any], told: Callable[[Mapping[str, Any]], str]) -> None:
    session.say(told(done), done)
    if not done["sound"]:
        sys.exit(1)


@main.group()
def key() -> None:
    """Make, list and revoke the keys with which the HTTP interface is used; show the one that signs receipts."""


@key.command("new")
@click.option("--name", required=True, metavar="TEXT", help="Whose key it is, for example «finance office».")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), default=("finance-officer",),
              show_default=True, help="What it may do; may be given several times.")
@click.option("--partner", default="", metavar="P", help="Bound to what this partner may see.")
@click.option("--holder", default="", metavar="NAME", help="The person who holds it: two keys of one are one person.")
@click.option("--expires", callback=_moment, metavar="TIME", help="When it ends by itself.")
@click.option("--every", is_flag=True, help="For every partnership of the database, and to begin new ones.")
@command(changes=True)
def key_new(session: Session, name: str, roles: tuple[str, ...], partner: str, holder: str,
            expires: dt.datetime | None, every: bool) -> None:
    """Make a key. It is shown once and kept nowhere: put it in a safe place at once."""
    from api.commands import keys

    done = keys.new(session, name, roles, expires, every, partner, holder)
    session.say(f"{done['key']}\nKey {done['id']}, {keys.may(done)}. It is not shown again.", done)


@key.command("list")
@command()
def key_list(session: Session) -> None:
    """List the keys: who has one, what it may do, whether it still works."""
    from api.commands import keys

    found = keys.listing(session)
    lines = [f"{one['id']}  {one['name']}  {one['partnership']}  {keys.may(one)}{_ended(one)}"
             for one in found]
    session.say("\n".join(lines) or "There is no key yet: poolbook key new --name ...", {"keys": found})


def _ended(one: Mapping[str, Any]) -> str:
    if one["revoked"]:
        return f"  revoked {one['revoked']}"
    return f"  expires {one['expires']}" if one["expires"] else ""


@key.command("public")
@command(partnership=False)
def key_public(session: Session) -> None:
    """Print the public key by which receipts of this host are known. Partners note it once."""
    from api.commands import proof

    done = proof.public_key(session)
    session.say(done["key"], done)


@key.command("revoke")
@click.argument("key_id", metavar="ID")
@command(changes=True)
def key_revoke(session: Session, key_id: str) -> None:
    """Revoke the key with this ID, for good."""
    from api.commands import keys

    session.say(f"Key {key_id} is revoked.", keys.revoke(session, key_id))


@main.group()
def member() -> None:
    """Say who of those that sign in by OpenID Connect may do what."""


EVERY = click.option("--every", is_flag=True, help="In every partnership of the database.")


@member.command("add")
@click.argument("subject")
@click.option("--issuer", default="", metavar="URL", help="The sign-in service. Default: $POOLBOOK_OIDC_ISSUER.")
@click.option("--name", default="", metavar="TEXT", help="Who it is, for people to read.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES),
              help="What they may do; may be given several times. What they had before ends.")
@click.option("--partner", default="", metavar="P", help="Bound to what this partner may see.")
@EVERY
@command(changes=True)
def member_add(session: Session, subject: str, issuer: str, name: str, roles: tuple[str, ...], partner: str,
               every: bool) -> None:
    """Give the person whom the sign-in service knows as SUBJECT these roles."""
    from api.commands import keys, members

    done = members.add(session, subject, issuer, name, roles, partner, every)
    session.say(f"Member {done['member']}: {done['subject']}, {keys.may(done)}.", done)


@member.command("list")
@EVERY
@command()
def member_list(session: Session, every: bool) -> None:
    """List the people and their roles."""
    from api.commands import keys, members

    found = members.listing(session, every)
    lines = [f"{one['member']}  {one['name'] or '-'}  {one['subject']} at {one['issuer']}  {keys.may(one)}"
             for one in found]
    session.say("\n".join(lines) or "Nobody has a role yet: poolbook member add SUBJECT --role ...",
                {"members": found})


@member.command("remove")
@click.argument("number", metavar="MEMBER", type=int)
@EVERY
@command(changes=True)
def member_remove(session: Session, number: int, every: bool) -> None:
    """Take all roles away from the person with this number in the list."""
    from api.commands import members

    done = members.remove(session, number, every)
    session.say(f"{done['name'] or done['subject']} has no role any more.", done)


@main.group()
def database() -> None:
    """Say who may reach a PostgreSQL database itself: the server, and partners' own logins."""


@database.command("secure")
@command(partnership=False)
def database_secure(session: Session) -> None:
    """Apply roles, grants and row-level security again; `poolbook init` does after every upgrade."""
    from api.commands import database as work

    done = work.secure(session)
    session.say(f"Secured; the roles are {' and '.join(done['roles'])}.", done)


@database.command("grant")
@click.argument("login")
@click.option("--partner", required=True, metavar="P", help="The partner that the login reads for.")
@command(changes=True)
def database_grant(session: Session, login: str, partner: str) -> None:
    """Let a LOGIN of PostgreSQL read, by SQL, what one partner may see and nothing else."""
    from api.commands import database as work

    done = work.grant(session, login, partner)
    made = f" It is new and has no password yet: in psql, \\password {login}" if done["made"] else ""
    session.say(f"{login} reads for {partner} of {done['partnership']}.{made}", done)


@database.command("revoke")
@click.argument("login")
@command(changes=True, partnership=False)
def database_revoke(session: Session, login: str) -> None:
    """Take the reading of a LOGIN away."""
    from api.commands import database as work

    session.say(f"{login} reads nothing any more.", work.revoke(session, login))


@database.command("logins")
@command(partnership=False)
def database_logins(session: Session) -> None:
    """List the logins that read for partners."""
    from api.commands import database as work

    found = work.listing(session)
    lines = [f"{one['login']}  {one['partnership']}  {one['partner']}" for one in found]
    session.say("\n".join(lines) or "No login reads for a partner: poolbook database grant LOGIN --partner P",
                {"logins": found})


@main.group()
def scenario() -> None:
    """Try out other figures and terms in a workbook that calculates."""


@scenario.command("new")
@click.argument("case", type=PathTo)
@click.option("--out", required=True, type=PathTo, metavar="S.xlsx", help="The workbook to write.")
@click.option("--year", metavar="FY2024", help="Which financial year; without it, the last with an event.")
@command(partnership=False)
def scenario_new(session: Session, case: Path, out: Path, year: str | None) -> None:
    """Write a year of a CASE as a workbook in which every input can be changed."""
    from api.commands import scenario as work

    done = work.new(case, out, year)
    held = f" {len(done['constants'])} do not follow every input: sheet Notes says why." if done["constants"] else ""
    session.say(f"{out}: {done['year']} of {done['partnership']}, {done['inputs']} inputs, {done['results']} results."
                f"{held}", done)


@scenario.command("read")
@click.argument("file", type=PathTo)
@click.option("--case", type=PathTo, metavar="CASE", help="Also check that it was made from this case as it is now.")
@command(partnership=False)
def scenario_read(session: Session, file: Path, case: Path | None) -> None:
    """Read a returned workbook: what was changed, what the engine makes of it, whether the two agree."""
    from api.commands import scenario as work

    words, data = work.read(file, case)
    session.say(words, data)


@scenario.command("draft")
@click.argument("file", type=PathTo)
@click.option("--out", required=True, type=PathTo, metavar="AGREEMENT.yaml", help="The draft to write.")
@click.option("--case", type=PathTo, metavar="CASE", help="Also check that it was made from this case as it is now.")
@command(partnership=False)
def scenario_draft(session: Session, file: Path, out: Path, case: Path | None) -> None:
    """Make a scenario's terms a draft agreement: the file it was made from, with what was changed."""
    from api.commands import scenario as work

    done = work.draft(file, out, case)
    left = f" Figures of the year are no terms and left out: {', '.join(done['left_out'])}." if done["left_out"] else ""
    session.say(f"{out}: the agreement with {len(done['terms'])} changed terms, unsigned.{left}", done)


@scenario.command("exposure")
@click.argument("case", type=PathTo)
@click.argument("chances", type=PathTo)
@click.option("--year", metavar="FY2024", help="Which financial year; without it, the last with an event.")
@command(partnership=False)
def scenario_exposure(session: Session, case: Path, chances: Path, year: str | None) -> None:
    """Draw many years of a CASE from the CHANCES (YAML) of its services, each shared out by its own rules."""
    from api.commands import weigh

    session.say(*weigh.exposure(case, chances, year))


@scenario.command("divide")
@click.argument("question", type=PathTo)
@click.option("--currency", default="GBP", show_default=True, help="The currency of its amounts.")
@command(partnership=False)
def scenario_divide(session: Session, question: Path, currency: str) -> None:
    """Divide a pot or a cost (YAML) by every fair method that can answer, side by side."""
    from api.commands import weigh

    session.say(*weigh.divide(question, currency))


@main.command()
@click.argument("case", type=PathTo)
@click.option("--scenarios", multiple=True, type=PathTo, metavar="S.xlsx",
              help="A returned scenario workbook of this case and year; may be given several times.")
@click.option("--rules", multiple=True, type=PathTo, metavar="AGREEMENT.yaml",
              help="Another agreement for the same year; may be given several times.")
@click.option("--offers", type=PathTo, metavar="FILE",
              help="Principles, sources, disputed inputs and offers (YAML), or a log of offers alone (CSV).")
@click.option("--year", metavar="FY2024", help="Which financial year; without it, the last with an event.")
@click.option("--known-at", callback=_moment, metavar="TIME", help="The pack's date; without it, now.")
@click.option("--out", required=True, type=PathTo, metavar="DIR", help="The folder for XLSX, PDF, HTML and JSON.")
@command(partnership=False)
def negotiate(session: Session, case: Path, scenarios: tuple[Path, ...], rules: tuple[Path, ...], offers: Path | None,
              year: str | None, known_at: dt.datetime | None, out: Path) -> None:
    """Set options for a year of a CASE side by side, as a negotiation pack.

    Each option goes by its file's name. All are worked out on the same actuals and forecast as today's rules.
    """
    from api.commands import negotiate as work

    done = work.negotiate(case, scenarios, rules, offers, year, known_at, out)
    session.say("\n".join([*done["verdict"], "", *done["files"]]), done)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@command(partnership=False)
def serve(session: Session, host: str, port: int) -> None:
    """Answer over HTTP until stopped."""
    from api.serve import run as serving
    from api.settings import from_environment

    serving(from_environment(database=session.named), host, port)


@main.command()
@click.option("--json", "_as_json", is_flag=True, help="Speak JSON, as it does anyway.")
def schema(_as_json: bool) -> None:
    """Print the JSON Schema of agreement.yaml, with which editors complete and check it."""
    from commissioning.schema import agreement_schema

    click.echo(json.dumps(agreement_schema(), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
