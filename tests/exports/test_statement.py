"""The statement as JSON: the names of AGREEMENTS section 4, a true round trip, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.statement import (
    AgreementLine,
    Check,
    ClaimLine,
    FundLine,
    OutcomeLine,
    Part,
    PartnerLine,
    ReserveLine,
    ServiceLine,
    Statement,
    Totals,
    WorkingLine,
)
from exports.extract import PartnerNotInStatement, for_partner, is_extract
from exports.present import present
from exports.reading import (
    StatementFormatUnknown,
    StatementKeyMissing,
    StatementKeyUnknown,
    StatementUnreadable,
    StatementValueWrong,
)
from exports.statement import from_json, to_json
from ledger.errors import PoolbookError
from ledger.money import LARGEST, AmountTooFine
from tests.exports.samples import SAMPLES, interim, small

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
AMOUNT = st.integers(-LARGEST, LARGEST)
PARTS = st.dictionaries(TEXT, AMOUNT, max_size=3)
DATE = st.dates()


def _amounts(kind: Callable[..., Any], count: int, *words: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*words, *[AMOUNT] * count).map(lambda found: kind(*found))


PART = _amounts(Part, 3)
SERVICE = st.tuples(TEXT, TEXT, TEXT, *[AMOUNT] * 6, st.dictionaries(TEXT, PART, max_size=3), *[AMOUNT] * 6).map(
    lambda found: ServiceLine(*found))
RESERVE = st.tuples(TEXT, *[AMOUNT] * 4, PARTS).map(lambda found: ReserveLine(*found))
WORKING = st.tuples(TEXT, TEXT, TEXT, AMOUNT, PARTS, AMOUNT, TEXT).map(lambda found: WorkingLine(*found))


def _many(of: st.SearchStrategy[Any], once: bool = False) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3, unique_by=(lambda line: line.id) if once else None).map(tuple)


STATEMENTS = st.builds(
    Statement, partnership=TEXT, name=TEXT, currency=st.sampled_from(["GBP", "ISK", "KWD"]), period=TEXT, starts=DATE,
    ends=DATE, indicative=st.booleans(), issue=st.integers(0, 9), agreements=_many(st.builds(AgreementLine, TEXT, TEXT,
    TEXT, DATE)), known_at=st.datetimes(timezones=st.just(dt.UTC)), entries=st.integers(0, 10**9), head=TEXT,
    totals=_amounts(Totals, 6), funds=_many(_amounts(FundLine, 5, TEXT, TEXT, TEXT)), services=_many(SERVICE),
    partners=_many(_amounts(PartnerLine, 12, TEXT, TEXT), once=True), reserves=_many(RESERVE, once=True),
    distributions=st.dictionaries(TEXT, PARTS, max_size=2), claims=_many(_amounts(ClaimLine, 4, TEXT)),
    outcomes=_many(st.builds(OutcomeLine, TEXT, TEXT, TEXT, TEXT, AMOUNT, PARTS)), unallocated=AMOUNT,
    contested=AMOUNT, working=_many(WORKING), checks=_many(st.builds(Check, TEXT, st.booleans())))


@given(STATEMENTS)
def test_what_is_written_is_read_again(statement: Statement) -> None:
    text = to_json(statement)
    assert from_json(text) == statement
    assert to_json(from_json(text)) == text
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_come_back(name: str) -> None:
    assert from_json(to_json(SAMPLES[name]())) == SAMPLES[name]()


def test_names_are_those_of_the_agreement() -> None:
    data = json.loads(to_json(interim()))
    assert list(data) == ["format", "partnership", "period", "indicative", "issue", "agreements", "known_at", "ledger",
                          "totals", "funds", "services", "partners", "reserves", "notes", "previous", "plan_changes",
                          "earlier_forecasts", "distributions", "claims", "outcomes", "unallocated", "contested",
                          "working", "checks"]
    assert not {"notes", "previous", "plan_changes", "earlier_forecasts"} & set(json.loads(to_json(small())))
    assert data["format"] == "poolbook.statement/1"
    assert data["period"] == {"id": "FY2018-Q2", "from": "2018-04-01", "to": "2018-09-30"}
    assert set(data["partners"]["icb"]) == {
        "name", "contribution_due", "contribution_paid", "outstanding", "share_of_budget", "share_of_actual",
        "share_of_variance", "forecast_share", "liability", "settlement", "due_now", "brought_forward", "settled",
        "contribution_agreed"}
    service = data["services"][0]
    assert {"reserves", "offset", "recovered", "carried_forward", "contested", "unallocated"} <= set(service)
    assert service["partners"]["westmere"] == {"budget": "921663.03", "actual": "978577.51", "variance": "56914.48"}
    assert list(data["working"][0]) == ["rule", "reference", "step", "in", "out", "remaining", "because"]


def _with(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(to_json(small()))
    change(data)
    return json.dumps(data)


WRONG: list[tuple[str, type[PoolbookError], str]] = [
    ("no json", StatementUnreadable, ""),
    ("[]", StatementUnreadable, ""),
    ('{"format": 1.5}', StatementUnreadable, ""),
    ('{"issue": 1, "issue": 2}', StatementUnreadable, ""),
    (_with(lambda d: d.update(format="poolbook.statement/2")), StatementFormatUnknown, ""),
    (_with(lambda d: d.pop("totals")), StatementKeyMissing, ""),
    (_with(lambda d: d["services"][1].pop("actual")), StatementKeyMissing, "services[1]"),
    (_with(lambda d: d.update(extra=1)), StatementKeyUnknown, ""),
    (_with(lambda d: d["partners"]["health"].update(mood="good")), StatementKeyUnknown, "partners.health"),
    (_with(lambda d: d["totals"].update(actual=5)), StatementValueWrong, "totals.actual"),
    (_with(lambda d: d["totals"].update(actual="1.005")), AmountTooFine, "totals.actual"),
    (_with(lambda d: d.update(indicative="no")), StatementValueWrong, "indicative"),
    (_with(lambda d: d.update(issue=True)), StatementValueWrong, "issue"),
    (_with(lambda d: d["period"].update(to="31 March")), StatementValueWrong, "period.to"),
    (_with(lambda d: d.update(services={})), StatementValueWrong, "services"),
]


@pytest.mark.parametrize(("text", "error", "place"), WRONG)
def test_anything_else_is_refused_with_its_path(text: str, error: type[PoolbookError], place: str) -> None:
    with pytest.raises(error) as caught:
        from_json(text)
    assert caught.value.place.field == place
    assert caught.value.advice


def test_older_files_without_names_are_read() -> None:
    def bare(data: dict[str, Any]) -> None:
        del data["services"][0]["name"], data["services"][0]["committed"]
        del data["partners"]["health"]["name"], data["funds"][0]["kind"]
    found = from_json(_with(bare))
    assert (found.services[0].name, found.services[0].committed) == ("older", 0)
    assert (found.partners[1].name, found.funds[0].kind) == ("health", "pooled")


def test_extract_shows_one_partner_and_whole_totals() -> None:
    whole, own = interim(), for_partner(interim(), "icb")
    assert [line.id for line in own.partners] == ["icb"]
    assert own.totals == whole.totals
    assert all(set(line.partners) == {"icb"} for line in own.services)
    assert all("westmere" not in step.out for step in own.working)
    assert all(set(line.by_partner) == {"icb"} for line in own.reserves)
    assert from_json(to_json(own)) == own
    assert is_extract(own)
    assert not is_extract(whole)


@pytest.mark.parametrize("name", ["small", "interim", "wide"])
def test_extract_names_no_other_partner(name: str) -> None:
    whole = SAMPLES[name]()
    own, others = whole.partners[1], [p for p in whole.partners if p.id != whole.partners[1].id]
    drawn = repr(present(for_partner(replace(whole, funds=()), own.id)))
    assert own.name in drawn
    assert not [other.name for other in others if other.name in drawn]


def test_extract_of_an_unknown_partner_is_refused() -> None:
    with pytest.raises(PartnerNotInStatement, match="council, health"):
        for_partner(small(), "nobody")
