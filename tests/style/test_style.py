"""No float near money, every module opens with a sentence, functions fit on a screen, migrations stand in one line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("ledger", "contributions", "allocation", "commissioning", "exports", "api")
MONEY = ("ledger", "contributions", "allocation", "commissioning")
CHANCE = "commissioning/exposure/draws.py"  # draws chances in floats, and hands on whole millionths, rounded once
LONGEST = 60  # lines of a function: a screen


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def floats(tree: ast.AST) -> Iterator[int]:
    """The lines on which a float is made, written or promised.

    Naming the type in order to refuse it is fine, and so is how alike two words must be to be taken for each other.
    """
    refusing = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call)
                and (_is(node.func, "isinstance") or _is(node.func, "get_close_matches")) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in refusing:
            continue
        if _is(node, "float") or (isinstance(node, ast.Constant) and isinstance(node.value, float)):
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in ("Float", "REAL", "Double"):
            yield node.lineno


def _is(node: ast.AST, word: str) -> bool:
    return isinstance(node, ast.Name) and node.id == word


@pytest.mark.parametrize("path", [path for path in modules(*MONEY) if name(path) != CHANCE], ids=name)
def test_no_float_touches_money(path: Path) -> None:
    found = list(floats(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{name(path)}: a float on line {found}"


@pytest.mark.parametrize("path", modules(*ROOMS), ids=name)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said, f"{name(path)} does not say what it is for"
    first = said.split("\n\n")[0]
    assert first.rstrip()[-1] in ".!?:»", f"{name(path)} opens with a whole sentence"
    assert len(first) > 20, f"{name(path)} says a little more"


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a module with its length in lines, without its decorators."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", modules(*MONEY), ids=name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    long = {function: lines for function, lines in functions(path) if lines > LONGEST}
    assert not long, f"{name(path)}: {long}"


def test_migrations_stand_in_one_line() -> None:
    """Their numbers rise without a gap, and each follows the one before."""
    found = sorted((ROOT / "api" / "migrations" / "versions").glob("[0-9]*.py"))
    before = None
    for number, path in enumerate(found, 1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04d}_"), f"{path.name} should begin with {number:04d}_"
        revision = re.search(r"^revision(?:: str)? = [\"'](.+)[\"']", text, re.MULTILINE)
        follows = re.search(r"^down_revision(?:: [^=]+)? = (?:[\"'](.+)[\"']|None)", text, re.MULTILINE)
        assert revision, path.name
        assert follows, path.name
        assert follows.group(1) == before, f"{path.name} follows {before}"
        before = revision.group(1)
    assert found


def test_what_tests_share_is_not_shipped() -> None:
    """No room imports from tests or benchmarks."""
    for path in modules(*ROOMS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
            assert not any(n.split(".")[0] in ("tests", "benchmarks") for n in names), name(path)
