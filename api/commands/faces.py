"""Writes statements in their formats: every format of every period for a run, or one of one period on its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from api.commands.session import progress, write_file
from commissioning.statement import Statement
from commissioning.store import Issued
from exports.extract import for_partner
from exports.faces import FORMATS
from exports.statement import from_json


def render(issued: Issued, name: str, partner: str | None = None) -> bytes:
    """One format of an issued statement, or of one partner's extract; the JSON is the kept document, to the byte."""
    if name == "json" and partner is None:
        return issued.document.encode()
    statement = from_json(issued.document)
    return FORMATS[name].render(for_partner(statement, partner) if partner else statement)


def write_statements(out: Path, statements: Iterable[Issued]) -> list[str]:
    """Writes each statement in every format into a folder, and says which files; each file whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    files = []
    found = list(statements)
    with progress("Writing statements", len(found)) as heard:
        for done, issued in enumerate(found, 1):
            statement = from_json(issued.document)
            for name, face in FORMATS.items():
                path = out / file_name(statement, face.suffix)
                write_file(path, issued.document.encode() if name == "json" else face.render(statement))
                files.append(str(path))
            heard(done)
    return files


def file_name(statement: Statement, suffix: str, partner: str | None = None) -> str:
    """`statement-FY2018-Q4.pdf`, or with the partner in it for an extract; a draft is named so."""
    words = ["statement", statement.period, partner or "", "" if statement.issue else "draft"]
    return "-".join(word for word in words if word) + suffix
