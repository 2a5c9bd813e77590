"""The other reports of the year: `poolbook report NAME PERIOD`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import MOMENT, PathTo, command, moment

if TYPE_CHECKING:
    from api.commands.session import Session


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("period")
@click.option("--out", required=True, type=PathTo, metavar="DIR", help="Where the files go.")
@click.option("--format", "formats", multiple=True, type=click.Choice(["pdf", "xlsx", "csv"]),
              help="Only this format; may be given several times. Default: all.")
@click.option("--partner", metavar="P", help="Only what concerns this partner, by its id in the agreement.")
@click.option("--known-at", callback=moment, metavar="TIME",
              help=f"From the statement that was the latest then: {MOMENT}.")
@click.option("--net", is_flag=True, help="partner-accounts: expenditure less income, instead of both.")
@click.option("--agent", "agents", multiple=True, metavar="SERVICE",
              help="partner-accounts: the partner is the agent for this service. Default: principal for all.")
@click.option("--vat", multiple=True, metavar="SERVICE=REGIME",
              help="partner-accounts: the service's VAT regime, in words, such as beds=exempt. Default: none is shown.")
@click.option("--minimum", "minimums", multiple=True, metavar="SOURCE=AMOUNT[:SERVICE,…]",
              help="bcf-return: the least to be spent of a source, such as 'NHS minimum=5614000'. Default: what the "
                   "agreement has it give.")
@click.option("--balances", type=PathTo, metavar="FILE.csv",
              help="balances: the partners' own figures, in columns partner, figure, amount.")
@click.option("--days", type=click.IntRange(0, 3660), default=30, show_default=True,
              metavar="DAYS", help="settlement-notice: due so many days after the statement.")
@command()
def report(session: Session, name: str, period: str, out: Path, formats: tuple[str, ...], partner: str | None,
           known_at: dt.datetime | None, net: bool, agents: tuple[str, ...], vat: tuple[str, ...],
           minimums: tuple[str, ...], balances: Path | None, days: int) -> None:
    """Write the report NAME on a closed PERIOD, such as FY2024-Q1, as PDF, workbook and CSV with its metadata.

    NAME is annual-return, partner-accounts, balances, reserves, ageing, claims, bcf-return or settlement-notice.
    partner-accounts and settlement-notice are made for every partner where none is named.
    """
    from api.commands import reports as work

    given = work.Given(net=net, agents=agents, vat=vat, minimums=minimums, days=days)
    done = work.write(session, name, period, out, formats or ("pdf", "xlsx", "csv"), partner, given, balances, known_at)
    session.say(lambda: "\n".join(done["files"]), done)


COMMANDS = (report,)
