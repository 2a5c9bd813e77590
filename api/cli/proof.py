"""Commands for whoever checks: the books proved whole, receipts, who recorded what, backups."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import PathTo, command

if TYPE_CHECKING:
    from api.commands.session import Session


def _proved(session: Session, done: Mapping[str, Any], told: Callable[[Mapping[str, Any]], str]) -> None:
    session.say(lambda: told(done), done)
    if not done["sound"]:
        sys.exit(1)


@click.command()
@click.option("--receipt", "receipts", multiple=True, type=PathTo, metavar="FILE", help="Also check this receipt.")
@click.option("--since", "older", multiple=True, type=PathTo, metavar="OLD",
              help="And that nothing changed since this older receipt.")
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
    session.say(lambda: told_verify(done), done)
    if not done["sound"]:
        sys.exit(1)


@click.command()
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
    session.say(lambda: told_receipt(done), done)


@click.command()
@click.argument("entry", type=click.IntRange(1))
@command()
def who(session: Session, entry: int) -> None:
    """Say who recorded an ENTRY, and when."""
    from api.commands import proposals as work
    from api.commands.told import told_who

    found = work.recorded_by(session, entry)
    session.say(lambda: told_who(entry, found), found)


@click.command()
@click.argument("file", type=PathTo)
@command(partnership=False)
def backup(session: Session, file: Path) -> None:
    """Write the whole database into one new FILE, while others go on writing, and verify it."""
    from api.commands import backup as work
    from api.commands.told import told_backup

    _proved(session, work.backup(session, file), told_backup)


@click.command()
@click.argument("file", type=PathTo)
@command(partnership=False)
def restore(session: Session, file: Path) -> None:
    """Put a backup FILE into the database, which must be empty, and verify it."""
    from api.commands import backup as work
    from api.commands.told import told_restore

    _proved(session, work.restore(session, file), told_restore)


COMMANDS = (verify, receipt, who, backup, restore)
