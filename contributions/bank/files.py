"""Reads files of bank statements, whichever of the two formats each is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contributions.bank.camt053 import read_camt053
from contributions.bank.csv_statement import read_csv_statement
from contributions.bank.model import Page, Read
from contributions.bank.statements import assemble
from ledger.errors import PoolbookError, Refused


def read_statements(files: Iterable[tuple[str, bytes]], currency: str,
                    columns: Mapping[str, str] | None = None) -> Read:
    """All that some files (name and content) say. Raises `Refused` with what is wrong, file by file."""
    pages: list[Page] = []
    faults: list[PoolbookError] = []
    for name, content in files:
        try:
            pages += (read_camt053(content, currency, name) if is_xml(content)
                      else read_csv_statement(content, currency, name, columns))
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    return assemble(pages, currency)


def is_xml(content: bytes) -> bool:
    """Whether a file begins as XML does, in whichever encoding."""
    return content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
