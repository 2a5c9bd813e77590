"""Commands to try out other figures and terms, and to set options side by side."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import MOMENT, Grouped, PathTo, command, moment

if TYPE_CHECKING:
    from api.commands.session import Session


def _name(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """`--keep`: a name as it is kept over HTTP too."""
    if value is not None and (not 1 <= len(value) <= 200 or not value.isprintable()):
        raise click.BadParameter("a name has 1 to 200 characters that can be printed")
    return value


@click.group(cls=Grouped)
def scenario() -> None:
    """Try out other figures and terms in a workbook that calculates."""


@scenario.command("new")
@click.argument("case", type=PathTo, required=False)
@click.option("--out", required=True, type=PathTo, metavar="S.xlsx", help="The workbook to write.")
@click.option("--year", metavar="FY2024", help="Which financial year; without it, the last with an event.")
@command()
def scenario_new(session: Session, case: Path | None, out: Path, year: str | None) -> None:
    """Write a year as a workbook in which every input can be changed: of a CASE, or without one of the books."""
    from api.commands import scenario as work
    from api.commands.told import told_scenario

    done = work.new(session, case, out, year)
    session.say(lambda: told_scenario(done, out), done)


@scenario.command("read")
@click.argument("file", type=PathTo)
@click.option("--case", type=PathTo, metavar="CASE", help="Also check that it was made from this case as it is now.")
@click.option("--keep", "name", callback=_name, metavar="NAME",
              help="Keep it under this name in the books from which it was made, with who worked it out.")
@command(changes=True, acts=True)
def scenario_read(session: Session, file: Path, case: Path | None, name: str | None) -> None:
    """Read a returned workbook: what was changed, what the engine makes of it, whether the two agree."""
    from api.commands import scenario as work

    if case is not None and name is not None:
        raise click.UsageError("--keep is for a workbook of books, --case for one of a case: give one of them")
    session.say(*(work.read(file, case) if name is None else work.keep(session, file, name)))


@scenario.command("draft")
@click.argument("file", type=PathTo)
@click.option("--out", required=True, type=PathTo, metavar="AGREEMENT.yaml", help="The draft to write.")
@click.option("--case", type=PathTo, metavar="CASE", help="Also check that it was made from this case as it is now.")
@command(partnership=False)
def scenario_draft(session: Session, file: Path, out: Path, case: Path | None) -> None:
    """Make a scenario's terms a draft agreement: the file it was made from, with what was changed."""
    from api.commands import scenario as work
    from api.commands.told import told_draft

    done = work.draft(file, out, case)
    session.say(lambda: told_draft(done, out), done)


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
@click.option("--currency", default="GBP", show_default=True, metavar="CODE",
              help="The currency of its amounts, by its three letters.")
@command(partnership=False)
def scenario_divide(session: Session, question: Path, currency: str) -> None:
    """Divide a pot or a cost (YAML) by every fair method that can answer, side by side."""
    from api.commands import weigh

    session.say(*weigh.divide(question, currency))


@click.command()
@click.argument("case", type=PathTo)
@click.option("--scenarios", multiple=True, type=PathTo, metavar="S.xlsx",
              help="A returned scenario workbook of this case and year; may be given several times.")
@click.option("--rules", multiple=True, type=PathTo, metavar="AGREEMENT.yaml",
              help="Another agreement for the same year; may be given several times.")
@click.option("--offers", type=PathTo, metavar="FILE",
              help="Principles, sources, disputed inputs and offers (YAML), or a log of offers alone (CSV).")
@click.option("--chances", type=PathTo, metavar="CHANCES.yaml",
              help="Chances of demand, price and timing by service: each partner's exposure under every option.")
@click.option("--fair", type=PathTo, metavar="QUESTION.yaml",
              help="A pot or a cost that every fair method divides, side by side.")
@click.option("--year", metavar="FY2024", help="Which financial year; without it, the last with an event.")
@click.option("--known-at", callback=moment, metavar="TIME", help=f"The pack's date: {MOMENT}; without it, now.")
@click.option("--out", required=True, type=PathTo, metavar="DIR", help="The folder for XLSX, PDF, HTML and JSON.")
@command(partnership=False)
def negotiate(session: Session, case: Path, scenarios: tuple[Path, ...], rules: tuple[Path, ...], offers: Path | None,
              chances: Path | None, fair: Path | None, year: str | None, known_at: dt.datetime | None,
              out: Path) -> None:
    """Set options for a year of a CASE side by side, as a negotiation pack.

    Each option goes by its file's name. All are worked out on the same actuals and forecast as today's rules.
    """
    from api.commands import negotiate as work

    beside = work.Beside(offers, chances, fair)
    done = work.negotiate(case, scenarios, rules, beside, year, known_at, out)
    session.say(lambda: "\n".join([*done["verdict"], "", *done["files"]]), done)


COMMANDS = (scenario, negotiate)
