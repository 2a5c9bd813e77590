"""Every statement of every example again, from its `working` alone, as with a pocket calculator."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from docs.make_gallery import cases, run
from tests.examples.test_cases import engine
from tests.properties.footing import COLUMNS

__all__ = ["engine"]
CASES = cases()
GAP = re.compile(r"(?:spread to|own|host_bears|no rule for) gap of (\S+)")
VARIANCE = re.compile(r"(?:spread to|own|host_bears|fault|used of|no rule for|no version for) (\S+)")
COST = re.compile(r"(?:eligible cost of|not eligible in|cost of|charge for) ([^\s,]+)")
MONEY = r"([\d,.-]+)"
SETTLED = re.compile(rf"contributions {MONEY} \+ share of variance {MONEY}(?: \+ share of cost {MONEY})? = {MONEY}")
Cells = dict[tuple[str, str], Decimal]


def cells(statement: dict[str, Any], pattern: re.Pattern[str]) -> Cells:
    """What the lines of the working that match put on each service and partner (or column)."""
    found: Cells = defaultdict(Decimal)
    for line in statement["working"]:
        match = pattern.fullmatch(line["step"]) or pattern.match(line["step"])
        if match:
            for who, amount in line["out"].items():
                found[match[1], who] += Decimal(amount)
    return found


def shared_by_cost(statement: dict[str, Any]) -> set[str]:
    return {match[1] for line in statement["working"] if (match := COST.match(line["step"]))}


def services(statement: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    by_cost = shared_by_cost(statement)
    for row in statement["services"]:
        yield row, row["id"] in by_cost


def recompute(statement: dict[str, Any]) -> None:
    """Budgets, variances, columns, shares, liabilities and settlements, from the working."""
    budgets, variances, costs = (cells(statement, p) for p in (re.compile(r"budget of (\S+)"), VARIANCE, COST))
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for row, by_cost in services(statement):
        for partner, part in row["partners"].items():
            assert Decimal(part["budget"]) == budgets[row["id"], partner], (row["id"], partner)
            if by_cost:
                told = costs[row["id"], partner] + variances[row["id"], partner]
                assert Decimal(part["actual"]) == told, (row["id"], partner)
            else:
                assert Decimal(part["variance"]) == variances[row["id"], partner], (row["id"], partner)
                shares[partner] += variances[row["id"], partner]
        for column in COLUMNS:
            assert Decimal(row[column]) == (costs if by_cost else variances)[row["id"], column], (row["id"], column)
    gaps = cells(statement, GAP)
    for fund in (f for f in statement["funds"] if "gap" in f):
        for who in {who for name, who in gaps if name == fund["id"]}:
            told = fund["gap"][who] if who in COLUMNS else fund["gap"]["partners"].get(who, "0")
            assert Decimal(told) == gaps[fund["id"], who]
            shares[who] += gaps[fund["id"], who]
    for partner, line in statement["partners"].items():
        settled(statement, partner, line, shares[partner])


def settled(statement: dict[str, Any], partner: str, line: dict[str, str], share: Decimal) -> None:
    """A partner's last line: contributions, shares, what it paid, what is left."""
    step = next(one for one in statement["working"] if one["step"] == f"settlement of {partner}")
    match = SETTLED.fullmatch(step["because"])
    assert match, step["because"]
    contributions, variance, cost, liability = (Decimal((part or "0").replace(",", "")) for part in match.groups())
    assert variance == share == Decimal(line["share_of_variance"])
    assert contributions + variance + cost == liability == Decimal(step["in"]) == Decimal(line["liability"])
    paid = sum((Decimal(amount) for amount in step["out"].values()), Decimal(0))
    assert liability - paid == Decimal(step["remaining"]) == Decimal(line["settlement"])


@pytest.mark.parametrize("folder", CASES, ids=[folder.name for folder in CASES])
def test_a_statement_follows_from_its_working(folder: Path, engine: Engine) -> None:
    _, documents = run(folder, engine)
    for statement in map(json.loads, documents):
        recompute(statement)
        for line in statement["working"]:
            out = sum((Decimal(amount) for amount in line["out"].values()), Decimal(0))
            assert Decimal(line["in"]) - out == Decimal(line["remaining"]), line["step"]
