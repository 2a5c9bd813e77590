"""What pages name is there: files, folders, and functions and classes within them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "benchmarks" / "README.md"]
ROOMS = ("ledger", "contributions", "allocation", "commissioning", "exports", "api", "tests", "docs", "examples",
         "benchmarks")
PATH = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./{{}},*-]+)(?:: ?(\w+))?`")
HISTORY = {"CHANGELOG.md"}  # tells of what was


def named(page: Path) -> Iterator[tuple[str, str]]:
    """Each path that a page names, and what is said to be in it; `{a,b}` stands for two."""
    for path, inside in PATH.findall(page.read_text(encoding="utf-8")):
        several = re.search(r"\{([^}]+)\}", path)
        for part in several[1].split(",") if several else [""]:
            yield (path.replace(several[0], part) if several else path), inside


@pytest.mark.parametrize("page", [one for one in PAGES if one.name not in HISTORY], ids=lambda one: one.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    for path, inside in named(page):
        assert list(ROOT.glob(path.rstrip("/"))), f"{page.name} names {path}, which is not there"
        if inside:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^(?:def |class |){inside}\b", text, re.MULTILINE), f"{path} has no {inside}"
    for name in re.findall(r"`(\w+\.py)`", page.read_text(encoding="utf-8")):
        assert any(list((ROOT / room).rglob(name)) for room in ROOMS), f"{page.name} names {name}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_way_of_one_payment_names_where_each_step_is() -> None:
    found = dict(named(ROOT / "docs" / "reading-the-code.md"))
    assert found["ledger/posting.py"] == "post"
    assert found["commissioning/service.py"] == "close"
    assert len(found) > 15


def test_every_room_of_commissioning_is_told_of() -> None:
    page = (ROOT / "docs" / "reading-the-code.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)
    there = {path.name + ("/" if path.is_dir() else "") for path in (ROOT / "commissioning").iterdir()}
    assert set(re.findall(r"`([\w./]+)`", " ".join(rows))) == there - {"__init__.py", "__pycache__/", "py.typed"}
