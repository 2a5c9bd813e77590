"""The faces of a statement: one table of formats that the command line and the HTTP interface share.

A face is drawn from the statement alone and gives the same bytes each time. Libraries that draw are imported
when a face is first asked for, so that the command line starts quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commissioning.statement import Statement


@dataclass(frozen=True, slots=True)
class Face:
    """One format: its media type for HTTP, its file suffix, and the function that draws it."""

    media_type: str
    suffix: str
    render: Callable[[Statement], bytes]


def _json(statement: Statement) -> bytes:
    from exports.statement import to_json
    return to_json(statement).encode()


def _xlsx(statement: Statement) -> bytes:
    from exports.xlsx import to_xlsx
    return to_xlsx(statement)


def _pdf(statement: Statement) -> bytes:
    from exports.pdf import to_pdf
    return to_pdf(statement)


def _html(statement: Statement) -> bytes:
    from exports.html import to_html
    return to_html(statement).encode()


FORMATS: Mapping[str, Face] = MappingProxyType({
    "json": Face("application/json", ".json", _json),
    "xlsx": Face("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", _xlsx),
    "pdf": Face("application/pdf", ".pdf", _pdf),
    "html": Face("text/html; charset=utf-8", ".html", _html),
})
