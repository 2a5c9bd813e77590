"""Gathers all words for people into the catalogues: `python -m exports.locale.gather` after words have changed.

Words are what stands in `_()`, `ngettext()`, `N_()` and `Said()`, what templates translate, what error classes say, and
the sentences of the working. These last are sealed with each statement in English, so they are gathered as templates, a
slot `{0}`, `{1}` … for each figure or name in them, under the context `working`; `exports.retold` says them again.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from exports.language import WORKBOOK, WORKING

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BEGUN = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)  # not today: a catalogue changes only with its words
PACKAGES = ("ledger", "contributions", "allocation", "commissioning", "exports", "api")
SENTENCES = ("allocation/basis.py", "allocation/cost.py", "allocation/distribution.py", "allocation/outcome.py",
             "allocation/waterfall.py", "allocation/bases/*.py", "allocation/costs/*.py",
             "allocation/steps/*.py", "commissioning/agreement/changes.py", "commissioning/apportionment/apportion.py",
             "commissioning/apportionment/by_rule.py", "commissioning/apportionment/met.py",
             "commissioning/closing/assemble.py", "commissioning/closing/earlier.py",
             "commissioning/closing/position.py", "commissioning/proof.py", "commissioning/proposals/proof.py",
             "commissioning/proposals/rules.py", "ledger/proof.py", "ledger/receipt.py", "ledger/receipt_books.py",
             "api/actions.py", "api/commands/proof.py")
"""The modules whose sentences are kept with the books, or compared, in English: working, proposals, what is proved."""
ALONE = frozenset({"equally", "floor", "ceiling", "bears", "keeps", "better", "worse", "none", "nothing", "units",
                   "above", "cost", "variance"})
"""Words that stand in a slot of a sentence by themselves; other single words in the code are keys."""
MARKS = ("_", "N_", "Said")
LABELS = ("exports/scenario/*.py", "exports/scenario/bases/*.py", "exports/scenario/costs/*.py",
          "exports/scenario/steps/*.py", "commissioning/scenario/levers.py", "commissioning/scenario/case_levers.py",
          "commissioning/scenario/values.py", "commissioning/scenario/cases.py", "commissioning/scenario/order.py",
          "commissioning/negotiation/moves.py")
"""The modules that put together the labels of scenario workbooks."""
UNLABELLED = ("back", "cells", "chart", "guard", "model", "refusals", "render", "report", "said", "shows", "workbook")
LABEL = re.compile(r"[A-Z][a-z]+")
FORMULA = re.compile(r"^=|[A-Z]\(|\}[*+<>=^]|\$")
LABELS_ALONE = frozenset({
    "yes", "new", "cost", "unallocated", "variance", "contested", "committed", "outstanding", "settlement", "settled",
    "offset", "recovered", "closing", "opening", "added", "actual", "forecast", "share", "budget", "shared",
    "returned", "reserves", "borne", "units", "cap", "unit", "weight", "limit", "percent", "repaid", "absorbed",
    "overspend", "underspend", "drawn"})
"""Words that are a label by themselves, and no key."""


class Word(NamedTuple):
    """One thing to translate, and where it stands."""

    text: str | tuple[str, str]
    place: str
    context: str = ""


def words() -> Iterator[Word]:
    """All of them, in the order of packages and files."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            name = path.relative_to(ROOT).as_posix()
            yield from _marked(tree, name)
            if any(Path(name).match(pattern) for pattern in SENTENCES):
                yield from _sentences(tree, name, WORKING, _is_sentence)
            if any(Path(name).match(pattern) for pattern in LABELS) and path.stem not in UNLABELLED:
                yield from _sentences(tree, name, WORKBOOK, _is_label)
        for path in sorted((ROOT / package).rglob("templates/*.html")):
            name = path.relative_to(ROOT).as_posix()
            found = extract("jinja2.ext:babel_extract", BytesIO(path.read_bytes()),
                            {"_": None, "gettext": None, "ngettext": (1, 2)},
                            options={"trimmed": "true", "newstyle_gettext": "true", "silent": "false",
                                     "trim_blocks": "true", "lstrip_blocks": "true"})
            yield from (Word(one[1], name) for one in found)  # type: ignore[arg-type]


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _marked(tree: ast.Module, name: str) -> Iterator[Word]:
    """What is marked in the code, and what error classes say."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id in MARKS and _text(node.args[0]):
                yield Word(_text(node.args[0]), name)
            elif node.func.id == "ngettext":
                yield Word((_text(node.args[0]), _text(node.args[1])), name)
        elif isinstance(node, ast.ClassDef):
            said = {target.id: _text(part.value) for part in node.body if isinstance(part, ast.Assign)
                    for target in part.targets if isinstance(target, ast.Name)}
            if {"what", "remedy"} & said.keys():
                yield from (Word(said[key], name) for key in ("what", "remedy") if said.get(key))


def _sentences(tree: ast.Module, name: str, context: str, wanted: Callable[[str], bool]) -> Iterator[Word]:
    """The strings that are wanted, with a slot for each value in them; no docstrings, asserts or rules' own notes."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):  # breadth first: a parent comes before what stands in it
        if node in skipped:
            skipped.update(ast.iter_child_nodes(node))
            continue
        if isinstance(node, ast.ClassDef):
            skipped.update(part for part in node.body if isinstance(part, (ast.Assign, ast.AnnAssign)))
            yield from _step_names(node, name)
        elif (isinstance(node, (ast.Assert, ast.Raise)) or (isinstance(node, ast.Expr) and _text(node.value))
              or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS)):
            skipped.update(ast.iter_child_nodes(node))
        elif isinstance(node, ast.JoinedStr):
            skipped.update(part for part in node.values if isinstance(part, ast.Constant))
            skipped.update(part.format_spec for part in node.values
                           if isinstance(part, ast.FormattedValue) and part.format_spec)
            text = "".join(f"{{{sum(isinstance(p, ast.FormattedValue) for p in node.values[:i])}}}"
                           if isinstance(part, ast.FormattedValue) else _text(part)
                           for i, part in enumerate(node.values))
            if wanted(text):
                yield Word(text, name, context)
        elif isinstance(node, ast.Constant) and wanted(_text(node)):
            yield Word(_text(node), name, context)


def _step_names(rule: ast.ClassDef, name: str) -> Iterator[Word]:
    """What a step is called in the working, where the class is one."""
    for part in rule.body:
        if (name.startswith("allocation/steps/") and isinstance(part, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == "name" for target in part.targets)):
            yield Word(_text(part.value).replace("_", " "), name, WORKING)


def _is_sentence(text: str) -> bool:
    return text in ALONE or _said(text)


def _is_label(text: str) -> bool:
    return text in LABELS_ALONE or (_said(text) and not FORMULA.search(text)) or (
        bool(LABEL.fullmatch(text)))


def _said(text: str) -> bool:
    """Whether a text has words beside its slots."""
    bare = "".join(part.partition("}")[2] if i else part for i, part in enumerate(text.split("{")))
    return sum(letter.isalpha() for letter in bare) > 1 and " " in text.strip() and "\n" not in text


def gathered() -> Catalog:
    """The template of all catalogues, without dates, so that it is the same when nothing changed."""
    found = Catalog(project="Poolbook", charset="utf-8", fuzzy=False)
    for word in words():
        if all(word.text):
            found.add(word.text, locations=[(word.place, 0)], context=word.context or None)
    return found


def read(path: Path) -> Catalog:
    """A language's catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, path.parent.name)


def brought_up_to_date(language: str) -> Catalog:
    """A language's catalogue with all words of today: what was translated stays, what is new is left empty."""
    path = HERE / language / "messages.po"
    catalog = Catalog(language, project="Poolbook", version="0", header_comment="# Poolbook in another language.",
                      msgid_bugs_address="see SECURITY.md", last_translator="Poolbook", language_team=language,
                      charset="utf-8", creation_date=BEGUN, revision_date=BEGUN, fuzzy=False)
    kept = {(str(one.id), one.context): one.string for one in (read(path) if path.exists() else ())}
    for one in gathered():
        if one.id:
            catalog.add(one.id, kept.get((str(one.id), one.context), one.string), one.locations, context=one.context)
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """The texts that have no translation yet."""
    return [str(message.id) for message in catalog if message.id and not all(forms(message))]


def forms(message: Message) -> tuple[str, ...]:
    """The translation in each of its forms: one, or as many as the language has plurals."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def write(catalog: Catalog, language: str) -> None:
    """Puts a catalogue in its place, in an order that only changes with the words."""
    path = HERE / language / "messages.po"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, include_lineno=False, sort_by_file=True)


def main() -> None:
    """Brings every language's catalogue up to date, or begins those that are named, and says what is missing."""
    for language in sys.argv[1:] or sorted(path.parent.name for path in HERE.glob("*/messages.po")):
        catalog = brought_up_to_date(language)
        write(catalog, language)
        print(f"{language}: {len(catalog)} texts, {len(untranslated(catalog))} to be translated")


if __name__ == "__main__":
    main()
