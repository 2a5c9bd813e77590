"""The command line `poolbook`: options and words here, the work in `api.commands`, which is imported when needed.

Results go to standard output and faults to standard error. Exit status 0; 2 when something was refused; 1 when
`verify` found the books unsound. Each file holds one group of commands and lists them in `COMMANDS`.
"""

from __future__ import annotations

import gc

import click

from api.cli import bank, books, people, proof, proposals, reports, scenario, server
from api.cli.options import ENGLISH, Commands, known_language

gc.set_threshold(50_000)  # what is imported stays: to look for garbage among it costs a tenth of a command's start


BEGIN = """\b
To begin:
  poolbook run examples/northshire-2024 --out out    a whole case at once, to look at
  poolbook init                                      a ledger of your own:
  poolbook apply agreement.yaml                      what was agreed,
  poolbook import events.csv                         what happened,
  poolbook close FY2024-Q1                           who bears what,
  poolbook statement FY2024-Q1 --format pdf --out .  for the board

poolbook COMMAND --help says what a command takes. It ends with 0 when all went well, with 2 when something was refused,
with 1 when verify found something wrong."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=BEGIN)
@click.version_option(package_name="poolbook", message="%(prog)s %(version)s")
@click.option("--language", envvar="POOLBOOK_LANGUAGE", default=ENGLISH, metavar="TAG", callback=known_language,
              help="In which language statements, reports and refusals are written. Default: $POOLBOOK_LANGUAGE, else "
                   "en.")
def main(language: str) -> None:  # `api.cli.options.command` hands it to the session
    """A pooled-budget and joint-commissioning ledger: from a signed agreement to each partner's statement."""


for subject, module in (("The year", books), ("Reports", reports), ("Entries and the bank", bank), ("Proof", proof),
                        ("A second person", proposals), ("Who may do what", people), ("What if", scenario),
                        ("For machines", server)):
    main.add(subject, module.COMMANDS)
