"""Commands for the second pair of eyes: what waits, approved, turned down or taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from api.cli.options import command

if TYPE_CHECKING:
    from api.commands.session import Session


@click.command()
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
        session.say(lambda: f"{told_proposals([found])}\n{asked}", found)
        return
    listed = work.listing(session, every)
    session.say(lambda: told_proposals(listed), {"proposals": listed})


@click.command()
@click.argument("number", type=click.IntRange(1))
@command(changes=True, acts=True)
def approve(session: Session, number: int) -> None:
    """Do what proposal NUMBER asks for, as its second person."""
    from api.commands import proposals as work
    from ledger.language import _

    done = work.approve(session, number)
    session.say(lambda: _("Proposal {number} of {person} is approved and done.").format(
        number=number, person=done["person"]), done)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", required=True, metavar="TEXT", help="Why; its maker will read it.")
@command(changes=True, acts=True)
def reject(session: Session, number: int, reason: str) -> None:
    """Turn proposal NUMBER down; nothing of it is done."""
    from api.commands import proposals as work
    from ledger.language import _

    done = work.reject(session, number, reason)
    session.say(lambda: _("Proposal {number} of {person} is rejected; nothing of it was done.").format(
        number=number, person=done["person"]), done)


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@command(changes=True, acts=True)
def withdraw(session: Session, number: int, reason: str) -> None:
    """Take your own proposal NUMBER back."""
    from api.commands import proposals as work
    from ledger.language import _

    done = work.withdraw(session, number, reason)
    session.say(lambda: _("Proposal {number} is withdrawn.").format(number=number), done)


COMMANDS = (proposals, approve, reject, withdraw)
