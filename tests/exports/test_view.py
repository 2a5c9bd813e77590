"""What statements say in words: the verdict, the ratings, figures as people write them, and tables that foot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.statement import Check
from exports.axis import place, scale
from exports.facts import rating
from exports.present import present
from exports.view import Table
from exports.words import Kind, cell, money, percent, plain, signed
from tests.exports.samples import SAMPLES, idle, interim, small, wide


def _said(name: str) -> str:
    return " ".join(present(SAMPLES[name]()).verdict)


def test_verdict_of_a_final_statement() -> None:
    said = _said("small")
    assert "spent £176,019,000.00 against a plan to date of £170,019,000.00: an overspend of £6,000,000.00" in said
    assert "Under Schedule 3, paragraph 4, Scottish Borders Council bears £1,632,862.21" in said
    assert "NHS Borders is asked to pay £4,367,137.79" in said
    assert "These figures are final" in said
    assert "Nothing is contested and nothing is left unallocated" in said


def test_verdict_of_an_interim_statement() -> None:
    said = _said("interim")
    assert "The year is forecast to end at £10,472,120.50 against an annual budget of £10,151,111.61" in said
    assert "an overspend of £321,008.89 (3.2%), most of all in Home first discharge" in said
    assert "NHS Westmere ICB is asked to pay now £371,102.71" in said
    assert "Shares are indicative" in said
    assert "£10,000.00 is contested" in said
    assert "On the forecast for the year" in said


def test_verdict_of_many_partners_counts_them() -> None:
    said = _said("wide")
    assert "falls on 12 partners" in said
    assert "is not signed: no share is payable until it is" in said


def test_verdict_of_an_idle_quarter() -> None:
    view = present(idle())
    assert view.verdict[0] == "From 1 April 2018 to 30 June 2018 nothing was planned and nothing was spent."
    assert view.chart is None


def test_verdict_of_a_pot_given_out() -> None:
    """A pool that gives money to recipients and buys nothing itself says so first."""
    given = replace(idle(), distributions={"grant": {"north": 300_00, "south": 200_00}})
    totals = replace(given.totals, budget=0, actual=0, variance=0)
    headline = present(replace(given, totals=totals)).verdict[0]
    assert "€500.00 of grant is given out to two recipients" in headline


def test_verdict_says_paid_ahead_only_of_contributions() -> None:
    """Own spending on lines that make nothing receivable lowers `due_now`, but is no payment ahead."""
    found = interim()
    spender = replace(found.partners[0], due_now=-50_00, outstanding=0)
    words = " ".join(present(replace(found, partners=(spender, *found.partners[1:]))).verdict)
    assert f"{spender.name} has paid ahead" not in words


def test_verdict_of_an_underspend() -> None:
    whole = small()
    lines = tuple(replace(s, variance=-abs(s.variance), actual=s.budget - abs(s.variance),
                          forecast=s.budget - abs(s.variance)) for s in whole.services)
    total = sum(line.variance for line in lines)
    partners = tuple(replace(p, share_of_variance=-p.share_of_variance, settlement=-5_00) for p in whole.partners)
    totals = replace(whole.totals, variance=total, actual=whole.totals.budget + total,
                     forecast=whole.totals.budget + total)
    said = " ".join(present(replace(whole, services=lines, partners=partners, unallocated=-7_00,
                                    totals=totals)).verdict)
    assert "an underspend of £" in said
    assert "Scottish Borders Council gains £1,632,862.21" in said
    assert "is to receive £5.00" in said
    assert "£7.00 is unallocated: no rule of the agreement says who keeps it" in said
    assert "overspend" not in said


def test_verdict_warns_of_a_failing_check() -> None:
    broken = replace(small(), checks=(Check("services foot to totals", holds=False),))
    assert "Do not rely on this statement yet: one of its checks fails" in " ".join(present(broken).verdict)


@pytest.mark.parametrize(("variance", "plan", "word"), [
    (0, 0, "Green"), (2, 100, "Green"), (-2, 100, "Green"), (201, 10_000, "Amber"), (5, 100, "Amber"),
    (-501, 10_000, "Red"), (1, 0, "Red")])
def test_rating(variance: int, plan: int, word: str) -> None:
    assert rating(variance, plan) == word


@pytest.mark.parametrize(("part", "whole", "words"), [
    (728, 1000, "72.8%"), (1, 3, "33.3%"), (1, 2000, "0.1%"), (1, 2001, "under 0.1%"), (0, 5, "0.0%"),
    (-5, 100, "5.0%"), (1, 0, "no plan"), (0, 0, "0.0%"), (2, 1, "200.0%")])
def test_percent(part: int, whole: int, words: str) -> None:
    assert percent(part, whole) == words


def test_amounts_in_words() -> None:
    assert money(-123456789, "GBP") == "\u2212£1,234,567.89"
    assert money(5, "SEK") == "SEK\u00a00.05"
    assert plain(1234567, "ISK") == "1,234,567"
    assert plain(1234567, "KWD") == "1,234.567"
    assert signed(500, Kind.VARIANCE, "GBP") == "5.00 over"
    assert signed(-500, Kind.SETTLEMENT, "GBP") == "5.00 to receive"
    assert cell(0, Kind.VARIANCE, "GBP") == "0.00"
    assert cell(None, Kind.MONEY, "GBP") == ""


def _faults(table: Table) -> list[str]:
    """Where a table does not foot, down or across."""
    found = []
    for row in [*table.rows, *([table.total] if table.total else [])]:
        for foot in table.foots:
            parts = [row[i] for i in (*foot.plus, *foot.minus, foot.result)]
            if any(not isinstance(part, int) for part in parts):
                continue
            left = sum(row[i] for i in foot.plus) - sum(row[i] for i in foot.minus)
            found += [] if left == row[foot.result] else [f"{table.name}: {foot.words}: {row[0]}"]
    for i, column in enumerate(table.columns):
        if column.summed and table.total:
            whole = sum(value for row in table.rows if isinstance(value := row[i], int))
            found += [] if whole == table.total[i] else [f"{table.name}: {column.head}"]
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_every_table_foots_both_ways(name: str) -> None:
    view = present(SAMPLES[name]())
    assert [fault for table in (view.asked, *view.tables, view.working) for fault in _faults(table)] == []
    for table in (view.asked, *view.tables, view.working):
        assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize("name", ["small", "interim", "wide"])
def test_tables_tie_to_the_statement(name: str) -> None:
    statement = SAMPLES[name]()
    tables = {table.name: table for table in present(statement).tables}
    services, actual = tables["Services"], tables["Actual by partner"]
    assert services.total is not None
    assert services.total[1:4] == (statement.totals.budget, statement.totals.actual, statement.totals.variance)
    assert actual.total is not None
    assert actual.total[-1] == statement.totals.actual
    for i, partner in enumerate(statement.partners, 1):
        assert actual.total[i] == partner.share_of_actual


def test_no_bare_sign_where_a_word_belongs() -> None:
    for statement in (interim(), wide()):
        view = present(statement)
        for table in (view.asked, *view.tables):
            for column, values in zip(table.columns, zip(*table.rows, strict=True), strict=True):
                if column.kind in (Kind.VARIANCE, Kind.SETTLEMENT):
                    assert not any("\u2212" in cell(value, column.kind, "GBP") for value in values)


@given(st.integers(0, 10**15), st.sampled_from(["GBP", "ISK", "KWD"]))
def test_axis_covers_what_it_must(largest: int, currency: str) -> None:
    axis = scale(largest, currency)
    assert axis.top >= largest
    assert axis.ticks[0][0] == 0
    assert axis.ticks[-1][0] == axis.top
    assert 2 <= len(axis.ticks) <= 6
    assert len({words for _, words in axis.ticks}) == len(axis.ticks)


@given(st.integers(10, 90), st.integers(0, 460), st.lists(st.integers(0, 460), max_size=3))
def test_amount_on_a_bar_stays_on_the_drawing(size: int, end: int, lines: list[int]) -> None:
    at, inside = place(size, end, lines, 460)
    assert 0 <= at <= 460 - size
    if inside:
        assert at + size <= end
