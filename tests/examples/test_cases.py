"""Every arrangement of `examples/` runs, foots, runs again without a trace, and comes to the figures it names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from api.database import connect
from docs.make_gallery import PAGE, cases, faults, page, run
from tests.properties.footing import COLUMNS, check

CASES = cases()
ARRANGEMENTS = (
    "lafos-finland", "jobcentre-germany", "kotitori-tampere", "nyborg-stenungsund", "open-dialogue-denmark",
    "maia-france", "renfrewshire-learning-disabilities", "signalling-hungary", "alborada-andalusia", "curcubeu-arad",
    "bystrom-oulu", "galicia-early-intervention", "stay-on-track-belgium", "karriereplaner-horsens",
    "bolzano-access-point", "boiler-on-prescription", "better-care-fund-england", "scottish-borders-2023",
    "northern-ireland-trusts", "norrtalje", "finsam-sweden", "hospital-district-finland", "discharge-fees-sweden",
    "clubhouses-finland")


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh ledger."""
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    made = connect(f"sqlite:///{tmp_path / 'books.db'}")
    yield made
    made.dispose()


def test_every_arrangement_has_a_case() -> None:
    assert {folder.name for folder in CASES} >= set(ARRANGEMENTS)


@pytest.mark.parametrize("folder", CASES, ids=[folder.name for folder in CASES])
def test_a_case_runs_foots_and_comes_to_its_figures(folder: Path, engine: Engine) -> None:
    posted, documents = run(folder, engine)
    statements = {found["period"]["id"]: found for found in map(json.loads, documents)}
    assert posted > 0
    for statement in statements.values():
        assert [c["check"] for c in statement["checks"] if not c["holds"]] == []
        rows_foot(statement)
        if not shares_cost(folder):
            check(statement)
    for period, figures in expected(folder).items():
        assert {path: figure(statements[period], path) for path in figures} == figures, period
    assert run(folder, engine) == (0, documents), "running again posts nothing and gives the same bytes"
    with engine.connect() as conn:
        assert faults(conn) == []


@pytest.mark.parametrize("folder", CASES, ids=[folder.name for folder in CASES])
def test_a_readme_names_its_figures(folder: Path) -> None:
    text = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    figures = {amount for part in expected(folder).values() for amount in part.values()}
    missing = sorted(amount for amount in figures if not any(form in text for form in forms(amount)))
    assert missing == [], "figures that are expected, and that the README does not name"
    assert "**Look at**" in text
    assert text.startswith("# ")


def test_the_gallery_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make it anew: python -m docs.make_gallery"


def expected(folder: Path) -> dict[str, dict[str, str]]:
    """The key figures of a case, by period and path: `expected.yaml` beside its agreement."""
    found: dict[str, dict[str, str]] = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
    assert found, "every case has figures"
    return found


def shares_cost(folder: Path) -> bool:
    """Whether a fund shares the cost itself: then a partner's `share_of_variance` is not its services' variance."""
    agreement = yaml.safe_load((folder / "agreement.yaml").read_text(encoding="utf-8"))
    return any("cost" in rule for version in agreement["agreements"] for rule in version.get("rules", []))


def rows_foot(statement: Any) -> None:
    """Each service's partners and columns come to its actual; services come to the totals."""
    for row in statement["services"]:
        parts = [part["actual"] for part in row["partners"].values()] + [row[column] for column in COLUMNS]
        assert sum(map(Decimal, parts)) == Decimal(row["actual"]), row["id"]
    for column in ("budget", "actual", "variance"):
        found = sum((Decimal(row[column]) for row in statement["services"]), Decimal(0))
        assert found == Decimal(statement["totals"][column]), column


def figure(statement: Any, path: str) -> str:
    """What stands at `services/beds/partners/nhs/actual`; rows of a list are found by their id or case."""
    found = statement
    for key in path.split("/"):
        rows = {row.get("id", row.get("case")): row for row in found} if isinstance(found, list) else found
        found = rows[key]
    return str(found)


def forms(amount: str) -> Iterator[str]:
    """How a README may write an amount: «12,345.60», and «12,345» for whole pounds; a sign is in the words."""
    whole, _, part = amount.lstrip("-").partition(".")
    yield f"{int(whole):,}" + (f".{part}" if part else "")
    if set(part) <= {"0"}:
        yield f"{int(whole):,}"
