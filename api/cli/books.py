"""The main job: a case run whole, or agreement, events, close, statement and journal one by one."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import JOURNALS, MOMENT, PathTo, command, issues, moment, say

if TYPE_CHECKING:
    from api.commands.session import Session


@click.command()
@click.argument("case", type=PathTo)
@click.option("--out", required=True, type=PathTo, metavar="DIR", help="Where the statements (and the ledger) go.")
@click.option("--through", metavar="PERIOD", help="Close up to this period, for example FY2018-Q3.")
@click.option("--known-at", callback=moment, metavar="TIME",
              help=f"Write the statements as they were known then: {MOMENT}.")
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
    session.say(lambda: told_run(done, out, session.shown), done)


@click.command()
@command(partnership=False)
def init(session: Session) -> None:
    """Make the database, or bring it up to date."""
    from api.commands import database
    from ledger.language import _

    done = database.init(session)
    session.say(lambda: _("The database is ready: {database}").format(database=done["database"]), done)


@click.command()
@click.argument("agreement", type=PathTo)
@command(changes=True, partnership=False, acts=True)
def apply(session: Session, agreement: Path) -> None:
    """Put an AGREEMENT.yaml in force."""
    from api.commands import year
    from api.commands.told import told_apply

    done = year.apply(session, agreement)
    say(session, done, lambda: told_apply(agreement, done))


@click.command("import")
@click.argument("events", nargs=-1, required=True, type=PathTo)
@click.option("--late", is_flag=True, help="Post what belongs to a closed period in the open one, marked.")
@click.option("--accept-good-rows", "good_rows", type=PathTo, metavar="REFUSED.csv",
              help="Keep the good rows; write the refused ones to this file to be mended.")
@command(changes=True, acts=True)
def import_(session: Session, events: tuple[Path, ...], late: bool, good_rows: Path | None) -> None:
    """Post the events of CSV files and of workbooks of entries, all or none."""
    from api.commands import year
    from api.commands.session import REFUSED
    from api.commands.told import told_import

    done = year.import_events(session, list(events), late, good_rows)
    say(session, done, lambda: told_import(done, good_rows))
    if done["refused"]:
        sys.exit(REFUSED)


@click.command()
@click.argument("period")
@command(changes=True, acts=True)
def close(session: Session, period: str) -> None:
    """Close a PERIOD, such as FY2024-Q1: work out the shares, post what is due, issue the statement."""
    from api.commands import year
    from api.commands.told import told_close

    done, statement = year.close(session, period)
    say(session, done, lambda: told_close(done, statement))


@click.command()
@command()
def periods(session: Session) -> None:
    """List the periods of the books, and which of them are closed."""
    from api.commands import year
    from api.commands.told import told_periods

    done = year.periods(session)
    session.say(lambda: told_periods(done), done)


@click.command()
@click.argument("period")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the books.")
@command(changes=True, acts=True)
def reopen(session: Session, period: str, reason: str) -> None:
    """Open a closed PERIOD, such as FY2024-Q1, again, with those after it."""
    from api.commands import year
    from ledger.language import _

    done = year.reopen(session, period, reason)
    say(session, done, lambda: _("Open again: {periods}. Closing them issues new statements.").format(
        periods=", ".join(done["reopened"])))


@click.command()
@click.argument("period")
@click.option("--format", "format_name", type=click.Choice(["json", "xlsx", "pdf", "html"]), default="json",
              show_default=True, help="As data, workbook, PDF or page.")
@click.option("--out", type=PathTo, metavar="DIR", help="Write a file there; else to standard output.")
@click.option("--partner", metavar="P", help="Only what concerns this partner, by its id in the agreement.")
@click.option("--known-at", callback=moment, metavar="TIME",
              help=f"As it was known then ({MOMENT}); before the first issue, a draft of how it would have been.")
@click.option("--draft", is_flag=True, help="How it would be if the period were closed now: nothing is posted or kept.")
@click.option("--differences", callback=issues, metavar="FROM[:TO]",
              help="What changed between two issues, such as 1:2, and which entries did it; TO 0 is a draft.")
@command()
def statement(session: Session, period: str, format_name: str, out: Path | None, partner: str | None,
              known_at: dt.datetime | None, draft: bool, differences: tuple[int | None, int | None] | None) -> None:
    """Give the statement issued for a PERIOD, such as FY2024-Q1; FY2024 is the year's."""
    from api.commands import year

    if differences is not None:
        if out or known_at or draft or format_name != "json":
            raise click.UsageError("--differences goes with --partner and --json only")
        told, found = year.differences(session, period, differences, partner)
        session.say(lambda: told.rstrip("\n"), found)
        return
    if session.as_json and format_name != "json" and out is None:
        raise click.UsageError(f"--json cannot carry a statement as {format_name}; name a folder for it with --out")
    path, content = year.statement(session, period, format_name, out, partner, known_at, draft)
    if path:
        session.say(lambda: path, {"file": path})
    else:
        click.echo(content, nl=False)


@click.command()
@click.option("--format", "format_name", required=True, type=click.Choice(JOURNALS),
              help="For Beancount, for hledger, one row a posting (csv), or one object an entry (jsonl).")
@command()
def export(session: Session, format_name: str) -> None:
    """Write the journal as plain text that other tools read."""
    from api.commands import year

    pieces = year.export(session, format_name)
    if session.as_json:
        session.say(str, {"format": format_name, "journal": "".join(pieces)})
        return
    for piece in pieces:
        click.echo(piece, nl=False)


COMMANDS = (run, init, apply, import_, periods, close, reopen, statement, export)
