"""What can be checked of a statement from its JSON alone: that every table foots, and that the working adds up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from tests.properties.cases import minor

COLUMNS = ("reserves", "offset", "recovered", "carried_forward", "contested", "unallocated")
TOTALS = ("budget", "annual_budget", "actual", "variance", "forecast", "committed")
Statement = dict[str, Any]


def total(amounts: Iterable[str]) -> int:
    return sum(minor(amount) for amount in amounts)


def check(statement: Statement) -> None:
    """Every table foots both ways, and the working adds up."""
    assert all(one["holds"] for one in statement["checks"]), [c["check"] for c in statement["checks"] if not c["holds"]]
    _services(statement)
    _partners(statement)
    _reserves(statement)
    _funds(statement)
    _working(statement)


def _services(s: Statement) -> None:
    for row in s["services"]:
        parts = row["partners"].values()
        assert total(p["actual"] for p in parts) + total(row[c] for c in COLUMNS) == minor(row["actual"]), row
        assert total(p["variance"] for p in parts) + total(row[c] for c in COLUMNS) == minor(row["variance"]), row
        assert total(p["budget"] for p in parts) == minor(row["budget"]), row
        assert minor(row["actual"]) - minor(row["budget"]) == minor(row["variance"])
        for part in parts:
            assert minor(part["budget"]) + minor(part["variance"]) == minor(part["actual"])
    for column in TOTALS:
        if all(column in row for row in s["services"]):
            assert total(row[column] for row in s["services"]) == minor(s["totals"][column]), column
    for column in ("contested", "unallocated"):
        short = total(f["gap"][column] for f in s["funds"] if "gap" in f)
        assert total(row[column] for row in s["services"]) + short == minor(s[column])
    for gap in (f["gap"] for f in s["funds"] if "gap" in f):
        assert total(gap["partners"].values()) + total(gap[c] for c in COLUMNS) == minor(gap["amount"])


def _partners(s: Statement) -> None:
    for name, line in s["partners"].items():
        for figure, column in (("share_of_budget", "budget"), ("share_of_actual", "actual"),
                               ("share_of_variance", "variance")):
            parts = (row["partners"][name][column] for row in s["services"] if name in row["partners"])
            short = total(f["gap"]["partners"].get(name, "0.00") for f in s["funds"]
                          if "gap" in f and column == "variance")
            assert total(parts) + short == minor(line[figure]), (name, figure)
        assert minor(line["contribution_due"]) - minor(line["contribution_paid"]) == minor(line["outstanding"])
    borne = total(line["share_of_variance"] for line in s["partners"].values())
    parked = sum(total(row[c] for c in COLUMNS) for row in s["services"])
    short = total(f["gap"]["amount"] for f in s["funds"] if "gap" in f)
    parked += sum(total(f["gap"][c] for c in COLUMNS) for f in s["funds"] if "gap" in f)
    assert borne + parked == minor(s["totals"]["variance"]) + short


def _reserves(s: Statement) -> None:
    for name, line in s["reserves"].items():
        closing = minor(line["opening"]) - minor(line["drawn"]) + minor(line["added"])
        assert closing == minor(line["closing"]) == total(line["by_partner"].values()), name
        assert all(minor(part) >= 0 for part in line["by_partner"].values()), f"{name} is below zero"
    moved = sum(minor(line["drawn"]) - minor(line["added"]) for line in s["reserves"].values())
    planned = sum(minor(w["in"]) for w in s["working"] if w["step"].startswith("planned use of"))
    short = total(f["gap"]["reserves"] for f in s["funds"] if "gap" in f)
    came_and_went = sum(minor(w["in"]) for w in s["working"]
                        if w["step"].startswith(("joining: ", "leaving: ", "left to the others: ")))
    assert total(row["reserves"] for row in s["services"]) + short == moved - planned + came_and_went


def _funds(s: Statement) -> None:
    for line in s["funds"]:
        assert minor(line["opening"]) + minor(line["received"]) - minor(line["paid"]) == minor(line["closing"])


def _working(s: Statement) -> None:
    for line in s["working"]:
        assert minor(line["in"]) - total(line["out"].values()) == minor(line["remaining"]), line
    for name, line in s["partners"].items():
        settled = next(w for w in s["working"] if w["step"] == f"settlement of {name}")
        assert settled["in"] == line["liability"]
        assert settled["remaining"] == line["settlement"]
    for variance, steps, spreads in waterfalls(s):
        _waterfall(variance, steps, spreads)


def _waterfall(variance: Statement, steps: list[Statement], spreads: list[Statement]) -> None:
    """Each step goes on with what the one before left, and what is spread over services is what the steps gave."""
    rest = variance["in"]
    gave: dict[str, int] = {}
    for line in steps:
        assert line["in"] == rest, "a step takes up what the one before left"
        rest = line["remaining"]
        for who, amount in line["out"].items():
            where = "reserves" if who.startswith("reserve ") else who
            gave[where] = gave.get(where, 0) + minor(amount)
    if minor(rest) and minor(variance["in"]):
        gave["unallocated"] = gave.get("unallocated", 0) + minor(rest)
    spread: dict[str, int] = {}
    for line in spreads:
        assert line["remaining"] == "0.00"
        for who, amount in line["out"].items():
            spread[who] = spread.get(who, 0) + minor(amount)
    assert {w: a for w, a in spread.items() if a} == {w: a for w, a in gave.items() if a}


def waterfalls(s: Statement) -> Iterator[tuple[Statement, list[Statement], list[Statement]]]:
    """Each run of a rule in the working: its variance, its steps, and how they are spread over services."""
    lines = [line for line in s["working"] if line["rule"]]
    starts = [i for i, line in enumerate(lines) if line["step"] == "variance"]
    for start, end in pairwise([*starts, len(lines)]):
        own = lines[start + 1:end]
        spreads = [line for line in own if line["step"].startswith("spread to ")]
        yield lines[start], [line for line in own if line not in spreads], spreads
