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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="poolbook", message="%(prog)s %(version)s")
@click.option("--language", envvar="POOLBOOK_LANGUAGE", default=ENGLISH, metavar="TAG", callback=known_language,
              help="In which language statements, reports and refusals are written. Default: $POOLBOOK_LANGUAGE, else "
                   "en.")
def main(language: str) -> None:  # `api.cli.options.command` hands it to the session
    """A pooled-budget and joint-commissioning ledger: from a signed agreement to each partner's statement."""


for module in (books, reports, bank, proof, proposals, people, scenario, server):
    for each in module.COMMANDS:
        main.add_command(each)
