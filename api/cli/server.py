"""Commands for machines: the HTTP server, and the schema of the agreement file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from api.cli.options import command

if TYPE_CHECKING:
    from api.commands.session import Session


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="Where it listens: 127.0.0.1 answers this machine alone, 0.0.0.0 every network it is in.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), metavar="NUMBER",
              help="On which port; 0 for any that is free.")
@command(partnership=False)
def serve(session: Session, host: str, port: int) -> None:
    """Answer programs and browsers over HTTP until stopped (Ctrl-C)."""
    from api.serve import run as serving
    from api.settings import from_environment

    serving(from_environment(database=session.named), host, port)


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="Speak JSON, as it does anyway.")
def schema(_as_json: bool) -> None:
    """Print the JSON Schema of agreement.yaml, with which editors complete and check it."""
    from commissioning.agreement.schema import agreement_schema

    click.echo(json.dumps(agreement_schema(), indent=1, ensure_ascii=False))


COMMANDS = (serve, schema)
