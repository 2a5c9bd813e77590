"""Makes docs/errors.md, the catalogue of everything that Poolbook refuses, from the error classes and their goldens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

from ledger.errors import PoolbookError
from tests.errors import cases

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
_HEAD = """\
# What Poolbook refuses, and what to do

Every refusal has a code that stays the same, says what is wrong and where, and what to do about it. The command line
prints it and ends with status 2; HTTP answers with problem details (RFC 9457) whose `type` is
`urn:poolbook:error:CODE`, under the status that stands beside the code here. Nothing of a refused request or file is
recorded. Words in ‹brackets› stand for the facts of the case; below each is how it reads.

`python -m tests.errors.renew` makes this page from the error classes and from the cases that the tests run."""
LONGEST_LINE = 400
_FAULT = re.compile(r"^(\S.*  \[([a-z0-9-]+)\])\n((?:    .*\n)+)", re.MULTILINE)


def page(kinds: Iterable[type[PoolbookError]], raised: str) -> str:
    """The whole page: a section for each code, in the order of the alphabet."""
    examples = _examples(raised)
    return "\n".join([_HEAD, *(line for kind in kinds for line in _section(kind, examples.get(kind.code, "")))]) + "\n"


def _examples(raised: str) -> dict[str, str]:
    """For each code the first message that a test keeps."""
    kept = [raised, *(cases.golden(path).read_text(encoding="utf-8") for path in (*cases.AGREEMENTS, *cases.EVENTS)
                      if cases.golden(path).exists())]
    found: dict[str, str] = {}
    for what, code, remedy in (match for text in kept for match in _FAULT.findall(text)):
        found.setdefault(code, f"{what}\n{remedy}".rstrip())
    return found


def _section(kind: type[PoolbookError], example: str) -> Iterator[str]:
    yield from ("", f"## {kind.code}", "", f"{kind.status} {HTTPStatus(kind.status).phrase}: {_plain(kind.what)}.", "",
                f"*What to do:* {_plain(kind.remedy)}.")
    if example:
        lines = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in example.splitlines())
        yield from ("", "```", *lines, "```")


def _plain(template: str) -> str:
    """A sentence with the names of its facts."""
    return re.sub(r"\{(\w+)[^{}]*\}", r"‹\1›", template).replace("{{", "{").replace("}}", "}")
