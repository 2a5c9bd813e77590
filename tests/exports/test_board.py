"""What a board reads in a statement: decisions, reasons, measures, savings, forecasts by period, charts, headings."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from commissioning.statement import EarlierForecast, Note, Statement
from exports.bars import drawing
from exports.extract import for_partner
from exports.pdf import BOLD, REGULAR, WIDTH, fonts
from exports.present import present
from exports.svg import svg
from exports.view import Table
from tests.exports.samples import SAMPLES, hostile, idle, interim, small, wide


def table(statement: Statement, key: str) -> Table:
    (found,) = (one for one in present(statement).tables if one.key == key)
    return found


def keys(statement: Statement) -> list[str]:
    return [one.key for one in present(statement).tables]


# --- decisions

def test_decisions_are_those_of_the_pool_manager_and_what_waits() -> None:
    assert present(interim()).decisions == (
        "Home first discharge: Agree the recovery plan of 3 September.",
        "Waiting: who bears the £10,000.00 that is contested.")
    assert present(idle()).decisions == ("The pool manager asks for no decision.",)
    assert present(wide()).decisions[1:] == ("Waiting: the signature of Integration scheme of 6 February 2018.",)
    left = replace(small(), unallocated=-5_00)
    assert present(left).decisions[-1] == "Waiting: who keeps the £5.00 that no rule of the agreement covers."


def test_an_extract_does_not_say_that_nothing_was_asked() -> None:
    told = replace(interim(), notes=(Note("decision", dt.date(2018, 9, 1), "", "Call on Westmere Council"),))
    own = present(for_partner(told, "icb"))
    assert own.decisions[0] == "This extract shows no decision that the pool manager asks for."
    assert {row[3] for row in table(for_partner(told, "icb"), "off-plan").rows} == {"None that this extract shows."}


# --- services off plan

def test_each_service_off_plan_has_its_reason_and_actions_or_a_plain_word() -> None:
    found = table(interim(), "off-plan")
    assert found.heading == "Services off plan: 4, of which 3 without a reason given"
    assert [row[2] for row in found.rows] == ["Red", "Red", "Amber", "Amber"]
    assert found.rows[0][3:] == ("31 more packages a week than planned since July.",
                                 "Joint review of packages over six weeks.",
                                 "Head of integrated care, by 14 November 2018")
    assert found.rows[1][3:] == ("No reason was given.", "No action was given.", "")


def test_every_note_is_somewhere() -> None:
    statement = interim()
    cells = " ".join(str(value) for key in ("off-plan", "notes") for row in table(statement, key).rows for value in row)
    assert all(note.text in cells for note in statement.notes)


def test_a_service_with_two_actions_has_two_rows() -> None:
    told = tuple(Note("action", dt.date(2018, 9, n), "home", f"Step {n}", "Chair", f"2018-10-0{n}") for n in (1, 2))
    rows = [row for row in table(replace(interim(), notes=told), "off-plan").rows if row[0] == "Home first discharge"]
    assert [row[4:] for row in rows] == [("Step 1", "Chair, by 1 October 2018"), ("Step 2", "Chair, by 2 October 2018")]


# --- what becomes of the variance

@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "idle"])
def test_measures_use_up_the_variance_step_by_step(name: str) -> None:
    statement = SAMPLES[name]()
    rows = table(statement, "measures").rows
    assert rows[0][1:] == (None, statement.totals.variance)
    left = statement.totals.variance
    for _name, taken, after in rows[1:]:
        assert isinstance(taken, int)
        left -= taken
        assert after == left
    assert left == 0


def test_an_extract_tells_the_measures_of_the_whole_pool() -> None:
    assert table(for_partner(interim(), "icb"), "measures").rows == table(interim(), "measures").rows


def test_the_heading_says_what_is_left() -> None:
    assert table(interim(), "measures").heading == (
        "After measures partners bear £17,577.13 and £10,000.00 is left open")
    assert "measures" not in keys(idle())


# --- the year

def test_savings_are_delivered_or_at_risk() -> None:
    found = table(interim(), "savings")
    assert found.heading == "Savings: £37,250.00 delivered, £74,500.00 at risk"
    (line,) = interim().outcomes
    lost = table(replace(interim(), outcomes=(replace(line, value=-5_00, expected=None),)), "savings")
    assert lost.rows[0][-3:] == (-5_00, None, 5_00)


def test_forecasts_stand_by_period_with_their_changes() -> None:
    found = table(interim(), "forecasts")
    assert [row[0] for row in found.rows] == ["Quarter 1", "Quarter 2"]
    assert found.rows[1][2] == interim().totals.forecast
    assert found.rows[1][-1] == 164_000_00
    assert found.heading == "Forecast by period: £164,000.00 more than at quarter 1"
    nothing = replace(idle(), earlier_forecasts=(EarlierForecast("FY2018-Q1", 1, 0, 0),))
    assert "forecasts" not in keys(nothing)


def test_changes_of_the_plan_are_told_or_that_there_were_none() -> None:
    assert table(interim(), "changes").heading == "The plan was changed once in the year"
    none = table(replace(interim(), plan_changes=()), "changes")
    assert (none.rows, none.heading) == ((), "The plan has not been changed in the year")
    assert "changes" not in keys(small()), "a statement of before cannot tell"


def test_what_changed_since_is_said_of_forecast_and_shares() -> None:
    said = " ".join(present(interim()).verdict)
    assert "That is £164,000.00 more than was expected at quarter 1, most of all £180,000.00 in Home first" in said
    assert "Against what was expected at quarter 1, it is for Westmere Council £2,500.00 more" in said


# --- contributions

def test_contributions_foot_from_agreed_to_overdue() -> None:
    found = table(interim(), "contributions")
    assert [column.head for column in found.columns[1:4]] == ["Agreed for the year", "Contribution due",
                                                              "Contribution paid"]
    for _name, agreed, due, paid, given, overdue, beyond in found.rows:
        assert all(isinstance(value, int) for value in (agreed, due, paid, given, overdue, beyond))
        assert due + beyond - paid - given == overdue  # type: ignore[operator]
    assert found.heading == "Contributions: £371,102.71 overdue from NHS Westmere ICB"
    assert found.chart is not None
    assert [bar.printed for bar in found.chart.bars] == [("none overdue",), ("371,102.71 overdue",), ("none overdue",)]
    assert found.chart.bars[0].whole == interim().partners[0].contribution_agreed


def test_each_partner_has_the_clause_of_its_share() -> None:
    assert {row[-1] for row in table(interim(), "partners").rows} == {"Schedule 3, paragraph 4"}


# --- charts

@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "idle"])
def test_a_chart_stays_on_its_paper(name: str) -> None:
    """No mark and no word stands outside of the drawing."""
    fonts()
    view = present(SAMPLES[name]())
    for chart in [view.chart, *(one.chart for one in view.tables)]:
        if chart:
            found = drawing(chart, view.currency, WIDTH, REGULAR, BOLD)
            left, low, right, high = found.getBounds()
            assert left >= -1
            assert low >= -3
            assert right <= found.width + 1
            assert high <= found.height + 1


def test_a_charts_words_are_escaped_in_a_page() -> None:
    fonts()
    chart = present(hostile()).chart
    assert chart is not None
    named = replace(chart, heading="<b>&", bars=tuple(replace(bar, label="<i>x</i>") for bar in chart.bars))
    page = svg(drawing(named, "GBP", WIDTH, REGULAR, BOLD), "chart", named.heading, named.alternative, BOLD)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "style=" not in page
    assert 'id="chart-title">&lt;b&gt;&amp;</title>' in page
