"""The JSON that calls about scenarios take and give."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from api.shapes.base import Shape


class ScenarioIn(Shape):
    """Which year; without one, the last in which something is recorded."""

    year: str | None = Field(None, pattern=r"^FY\d{4}$", description="A financial year, for example FY2024")


class ScenarioOut(Shape):
    """Where a scenario begins: a year of the books, and how many inputs and results its workbook has."""

    id: str
    year: str
    as_at: str = Field(description="The last period of which the books knew something; what follows is forecast")
    entries: int
    head: str
    inputs: int
    results: int
    constants: list[str] = Field(description="Results that do not follow every input; the workbook's notes say why")


class ScenarioChange(Shape):
    """One input that was changed."""

    input: str
    what: str
    who: str
    cell: str
    unit: str
    baseline: str
    scenario: str


class ScenarioDifference(Shape):
    """A result that the workbook calculated otherwise than the engine, and why where the workbook says so."""

    figure: str
    workbook: str
    engine: str
    because: str


class ScenarioCompared(Shape):
    """How the workbook's own figures, as last calculated, compare with the engine's."""

    figures: int
    calculated: int
    differences: list[ScenarioDifference]


class ScenarioRead(Shape):
    """A returned workbook, worked out by the engine. Amounts are decimal strings."""

    format: str
    partnership: str
    year: str
    as_at: str
    base: str
    ledger: dict[str, int | str]
    changes: list[ScenarioChange]
    partners: dict[str, dict[str, dict[str, str]]]
    figures: dict[str, str]
    compared: ScenarioCompared
    constants: dict[str, list[str]]
    lacks: list[dict[str, Any]]
    kept: int | None = Field(None, description="Its number among the scenarios that are kept, if it was given a name")


class ScenarioKept(Shape):
    """A scenario that was kept under a name: from which books, by whom, with which changes."""

    number: int
    name: str
    scenario: str
    entries: int
    head: str
    author: str
    roles: list[str]
    recorded_at: dt.datetime
    workbook_sha256: str
    changes: list[ScenarioChange]
    partners: dict[str, dict[str, dict[str, str]]]
    differences: int = Field(description="Results that the workbook calculated otherwise than the engine")


class ScenariosKept(Shape):
    """Every scenario that was kept, the first one first."""

    items: list[ScenarioKept]
