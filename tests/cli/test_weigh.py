"""`poolbook scenario exposure` and `scenario divide` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import faults, poolbook

NORTHSHIRE = Path(__file__).parents[2] / "examples" / "northshire-2024"
CHANCES = """seed: 7
draws: 60
services:
  reablement: {demand: {normal: {mean: 2, sd: 5}}}
  community-beds: {price: {triangular: {low: -5, mode: 0, high: 12}}}
correlations: [{between: [reablement.demand, community-beds.price], is: 0.6}]
"""
COST = "cost: 90\nparties: [a, b]\nalone: {a: 60, b: 50}\n"


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "given.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "given.yaml"


def test_the_same_seed_gives_the_same_exposure(tmp_path: Path) -> None:
    chances = written(tmp_path, CHANCES)
    first, again = (poolbook("scenario", "exposure", NORTHSHIRE, chances, "--json") for _ in range(2))
    assert (first.exit_code, first.stdout) == (0, again.stdout)
    found = json.loads(first.stdout)
    assert (found["years"], list(found["partners"])) == (60, ["council", "nhs", "district"])
    said = poolbook("scenario", "exposure", NORTHSHIRE, chances).stdout
    assert f"called in {found['partners']['council']['chance_of_call']} % of years" in said
    assert "reserve general of 150,000.00: exhausted in" in said


def test_chances_that_cannot_be_read_are_refused_on_their_line(tmp_path: Path) -> None:
    chances = written(tmp_path, CHANCES.replace("sd: 5", "sd: five"))
    result = poolbook("scenario", "exposure", NORTHSHIRE, chances, "--json")
    (fault,) = faults(result)
    assert (result.exit_code, fault["code"]) == (2, "number-unreadable")
    assert (fault["place"]["file"], fault["place"]["line"]) == ("given.yaml", 4)


def test_a_cost_is_divided_by_every_method_that_can(tmp_path: Path) -> None:
    question = written(tmp_path, COST)
    found = json.loads(poolbook("scenario", "divide", question, "--json").stdout)
    amounts = {one["method"]: one["amounts"] for one in found["methods"]}
    assert amounts["nucleolus"] == amounts["shapley"] == {"a": "50.00", "b": "40.00"}, "the 20 saved are halved"
    assert "cea" in {one["method"] for one in found["left_out"]}
    assert "Shapley value: a £50.00; b £40.00" in poolbook("scenario", "divide", question).stdout


def test_a_word_that_stands_where_it_should_not_is_not_told_to_be_misspelt(tmp_path: Path) -> None:
    said = poolbook("scenario", "divide", written(tmp_path, "seed: 7\nservices: {}\ncots: 5\n")).stderr
    assert "the key 'services' has no meaning here" in said
    assert "did you mean services?" not in said
    assert "did you mean costs?" in said


def test_a_currency_that_there_is_not_is_told_once(tmp_path: Path) -> None:
    result = poolbook("scenario", "divide", written(tmp_path, COST), "--currency", "gbp", "--json")
    assert [one["code"] for one in faults(result)] == ["currency-unknown"]
