"""Text that a spreadsheet shows and never runs: an apostrophe before what it would take for a formula, and off again.

Source: OWASP, CSV Injection. A doubled apostrophe is what keeps a text that began with one apart, so that a file that
Poolbook writes to be mended comes back as it was.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if _RUNS.match(text) else text


def harmless_cell(text: str) -> str:
    """The same for a cell that may be an amount: a plain number is left as it is."""
    return text if _NUMBER.fullmatch(text) else harmless(text)


def as_given(cell: str) -> str:
    """The text that `harmless` or `harmless_cell` was given."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell
