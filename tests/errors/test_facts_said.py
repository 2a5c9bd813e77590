"""No word of a refusal stays English when it is told in another language: sentences and the facts in them.

Tried in a language in which every letter of a translated text is a dot. What is still in letters then must be data:
words of the file that is refused, keys and kinds of the agreement and of events, or an example of how to write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from allocation import bases, costs, steps
from allocation.negotiation import methods
from commissioning.agreement.reading import KEYS
from commissioning.events.model import COLUMNS, KINDS
from ledger.foreign import SAID, foreign
from ledger.language import Said, said_in
from ledger.money import CURRENCIES
from tests.dotted import WORD, Dotted
from tests.errors import cases
from tests.errors.test_catalogue import CLASSES, ROOMS

ROOT = Path(__file__).parents[2]
NAMES = {kind.__name__ for kind in CLASSES}


KNOWN = {word.casefold() for text in (
    *COLUMNS, *KINDS, *KEYS, *CURRENCIES, *bases.ALL, *costs.ALL, *steps.ALL, *methods.ALL,
    "FY", "block end mapping sequence start org python object apply",
    "agreed refuse pooled aligned set aside single") for word in WORD.findall(text)}
"""Words of the agreement and of events, of periods, and of YAML's grammar."""


def _left(printed: str, about: str) -> set[str]:
    """The words still in letters that nobody handed in."""
    told = re.sub(r"\[[a-z0-9-]+\]$", "", printed, flags=re.MULTILINE)
    given = {word.casefold() for word in WORD.findall(about)} | KNOWN
    return {word for word in WORD.findall(told) if word.casefold() not in given}


@pytest.mark.parametrize("path", [*cases.AGREEMENTS, *cases.EVENTS], ids=lambda path: path.stem)
def test_a_refused_file_is_told_wholly_in_the_readers_language(sqlite_engine: Engine, path: Path) -> None:
    attempt = cases.try_agreement if path in cases.AGREEMENTS else cases.try_events
    with said_in(Dotted()), sqlite_engine.connect() as conn:
        printed = attempt(conn, path).printed
    assert "·" in printed
    beside = "".join(one.read_text() for one in path.parent.glob("*.yaml")) if path in cases.EVENTS else ""
    about = f"{path.name} {path.read_text(errors='replace')} {beside}"
    assert _left(printed, about) == set()


def _words(node: ast.expr) -> bool:
    """Whether an expression is English for people."""
    if isinstance(node, ast.JoinedStr):
        fixed = "".join(part.value for part in node.values if isinstance(part, ast.Constant))  # type: ignore[misc]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        fixed = node.value
    else:
        return False
    return " " in fixed.strip() and bool(WORD.search(fixed))


def _facts(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression can come to."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _facts(value)
    elif isinstance(node, ast.IfExp):
        yield from (*_facts(node.body), *_facts(node.orelse))
    else:
        yield node


def _unsaid() -> Iterator[str]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called in NAMES:
                    yield from (f"{path.relative_to(ROOT)}:{fact.lineno}" for given in node.keywords
                                for fact in _facts(given.value) if _words(fact))


def test_words_that_are_facts_are_marked() -> None:
    """`fault=Said("it is empty")`: so that they are gathered, translated, and said when the refusal is read."""
    assert list(_unsaid()) == []


def test_a_fact_is_said_when_it_is_read() -> None:
    fact = Said("reserve {name}", name=Said("nothing"))
    assert fact == "reserve nothing"
    with said_in(Dotted()):
        assert f"{fact}" == "······· ·······"
        assert "{0!r}".format(fact) == "'······· ·······'"  # noqa: UP030, UP032 -- what an error's template does
        assert fact == "reserve nothing", "to the program it is the same"


@pytest.mark.parametrize("template", SAID)
def test_what_a_library_says_is_told_as_it_says_it(template: str) -> None:
    text = re.sub(r"\{\w+\}", "7", template)
    assert f"{foreign(text)}" == text
    with said_in(Dotted()):
        assert not WORD.search(f"{foreign(text)}"), "and in the reader's language"
