"""Commands for the finance officer's day: the workbook of entries, and the bank's statements."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import Grouped, PathTo, command, say

if TYPE_CHECKING:
    from api.commands.session import Session


@click.command()
@click.option("--out", required=True, type=PathTo, metavar="ENTRIES.xlsx", help="The workbook to write.")
@command()
def template(session: Session, out: Path) -> None:
    """Write a workbook to type entries in; poolbook import reads it back."""
    from api.commands import bank as work
    from api.commands.told_bank import told_template

    done = work.template(session, out)
    session.say(lambda: told_template(out, done), done)


@click.group(cls=Grouped)
def bank() -> None:
    """Take in bank statements: suggest what each line is, then post what was accepted."""


def pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Mapping[str, str]:
    """`NAME=VALUE`, or a name alone, given several times or with commas between."""
    found: dict[str, str] = {}
    for value in values:
        for part in value.split(","):
            name, _, said = part.partition("=")
            found[name.strip()] = said.strip()
    return found


@bank.command("import")
@click.argument("files", nargs=-1, required=True, type=PathTo)
@click.option("--out", type=PathTo, metavar="MATCHES.xlsx", help="Where the suggestions go: .xlsx, or .csv.")
@click.option("--account", "accounts", multiple=True, callback=pairs, metavar="IBAN[=FUND]",
              help="Only this account, and the fund whose money it holds; may be given several times.")
@click.option("--columns", multiple=True, callback=pairs, metavar="WHAT=COLUMN,...",
              help="Which column of a CSV statement is what, for example date=Posted,amount=Value,text=Details+Memo.")
@command()
def import_(session: Session, files: tuple[Path, ...], out: Path | None, accounts: Mapping[str, str],
            columns: Mapping[str, str]) -> None:
    """Read bank statements (camt.053 or CSV) and suggest what each line is. Nothing is posted.

    Says whether bank and books tie, to the penny, and which lines and entries stand between them.
    """
    from api.commands import bank as work
    from api.commands.session import REFUSED
    from api.commands.told_bank import told_bank

    done = work.import_statements(session, files, out, accounts, columns)
    session.say(lambda: told_bank(done), done)
    if done["refused"]:
        sys.exit(REFUSED)


@bank.command("post")
@click.argument("matches", type=PathTo)
@click.option("--accept", "also", multiple=True, type=click.Choice(["certain", "likely", "possible"]),
              help="Also post every suggestion of this strength without a no; may be given several times.")
@click.option("--late", is_flag=True, help="Post what belongs to a closed period in the open one, marked.")
@command(changes=True, acts=True)
def post(session: Session, matches: Path, also: tuple[str, ...], late: bool) -> None:
    """Post the rows of a MATCHES file that say yes under accept, all or none; a second time posts nothing twice."""
    from api.commands import bank as work
    from api.commands.told_bank import told_bank_posted

    done = work.post(session, matches, also, late)
    say(session, done, lambda: told_bank_posted(done))


COMMANDS = (template, bank)
