"""Why there is no such scenario, or it cannot be worked out."""

from __future__ import annotations

from ledger.errors import PoolbookError


class ScenarioNotKept(PoolbookError):
    code = "scenario-not-kept"
    what = "no scenario is kept under the number {number}"
    remedy = "take a number from the list of scenarios, or upload the workbook again with a name"
    status = 404


class ScenarioYearUnknown(PoolbookError):
    code = "scenario-year-unknown"
    what = "no version of the agreement is in force in {year}"
    remedy = "name a year from {first} on in which the agreement runs: --year {first}"


class ScenarioUnknown(PoolbookError):
    code = "scenario-unknown"
    what = "the books never stood at {entries} entries, so no scenario was begun from there"
    remedy = "begin one from the books as they are: POST .../scenarios"
    status = 404


class ScenarioOrderDoubled(PoolbookError):
    code = "scenario-order-doubled"
    what = "two steps of this list are to run as number {number}, and none as number {free}"
    remedy = "give each of its {steps} steps a number of its own, from 1 to {steps}"
