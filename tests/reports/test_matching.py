"""Payments meet instalments: the one they name, else the oldest of their source, else the oldest of their partner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from api.commands.reports import Given, make
from exports.reports.model import Report
from tests.commissioning.books import QUARTERS, Data, Pool, agreement, cost, line, paid, pool, version


@pytest.fixture
def books(sqlite_engine: Engine) -> Iterator[Pool]:
    """Council 40 in quarters; NHS 40 base and 20 grant in quarters."""
    terms = agreement(version(contributions=[line("council", 40), line("nhs", 40, source="base"),
                                             line("nhs", 20, source="grant")]))
    with pool(sqlite_engine, terms) as made:
        yield made


def ageing(books: Pool, period: str = "FY2024-Q3") -> Report:
    books.close(*QUARTERS[:QUARTERS.index(period) + 1])
    made = make(books.conn, books.book, "ageing", period)
    assert all(check.holds for check in made.checks)
    return made


def left(made: Report, partner: str) -> dict[str, str]:
    """What is outstanding of each instalment of a partner, by source and month."""
    sheet = next(sheet for sheet in made.sheets if sheet.id == "instalments")
    at = {field.id: i for i, field in enumerate(sheet.fields)}
    return {f"{row[at['source']]} {row[at['due_date']]:%b}": f"{int(row[at['outstanding']]) / 100:g}"  # type: ignore[arg-type]
            for row in sheet.rows if row[at["partner"]] == partner and row[at["outstanding"]]}


def test_the_oldest_first(books: Pool) -> None:
    books.take_in(paid("2024-07-05", "council", 15))
    made = ageing(books)
    assert left(made, "council") == {"contribution Jul": "5", "contribution Oct": "10"}


def test_a_payment_that_names_its_source_or_its_instalment_meets_that(books: Pool) -> None:
    books.take_in(paid("2024-07-05", "nhs", 10, source="base", against="2024-07-01"),
                  paid("2024-07-06", "nhs", 5, source="grant"))
    assert left(ageing(books), "nhs") == {"base Apr": "10", "base Oct": "10", "grant Jul": "5", "grant Oct": "5"}


def test_what_names_no_source_meets_the_oldest_of_any(books: Pool) -> None:
    books.take_in(paid("2024-07-05", "nhs", 18))
    assert left(ageing(books), "nhs") == {"base Jul": "7", "base Oct": "10", "grant Jul": "5", "grant Oct": "5"}


def test_more_than_its_source_owes_is_paid_ahead_and_meets_no_other(books: Pool) -> None:
    books.take_in(paid("2024-07-05", "nhs", 25, source="grant"))
    made = ageing(books)
    assert left(made, "nhs") == {"base Apr": "10", "base Jul": "10", "base Oct": "10"}
    partners = made.sheets[0]
    assert partners.sum("ahead") == 10_00


def test_a_payment_that_was_undone_meets_nothing(books: Pool) -> None:
    books.take_in(paid("2024-04-05", "council", 10))
    undo = {"date": "2024-05-01", "event": "reversal", "reference": "R-1", "against": "contribution:2024-04-05 council"}
    books.take_in(undo)
    assert left(ageing(books, "FY2024-Q1"), "council") == {"contribution Apr": "10"}


def test_cost_that_a_partner_paid_for_the_pool_counts_as_paid(books: Pool) -> None:
    books.take_in(cost("2024-05-05", "home", 4, partner="council"))
    assert left(ageing(books, "FY2024-Q1"), "council") == {"contribution Apr": "6"}


def test_the_ages(books: Pool) -> None:
    made = ageing(books)
    partners = made.sheets[0]
    assert [partners.sum(name) for name in ("days_0_30", "days_31_60", "days_61_90", "days_over_90")] == [
        0, 0, 0, 75_00], "1 October is 91 days before 31 December"


CLAIMS: tuple[Data, ...] = (
    {"date": "2024-05-01", "event": "draw", "fund": "core", "partner": "nhs", "case": "C-1", "amount": "30",
     "reference": "D-1"},
    {"date": "2024-05-02", "event": "claim", "partner": "nhs", "case": "C-1", "amount": "30", "reference": "C-1",
     "note": "Winter"},
    {"date": "2024-05-03", "event": "recognise", "fund": "core", "partner": "nhs", "case": "C-1", "amount": "20",
     "reference": "N-1", "note": "Without the agency staff"})


def balances(books: Pool, text: str) -> dict[tuple[str, str], dict[str, object]]:
    made = make(books.conn, books.book, "balances", "FY2024-Q1", given=Given(balances=("theirs.csv", text)))
    assert all(check.holds for check in made.checks)
    sheet = made.sheets[0]
    names = [field.id for field in sheet.fields]
    return {(str(row[0]), str(row[2])): dict(zip(names, row, strict=True)) for row in sheet.rows}


def test_differences_of_balances_are_explained(books: Pool) -> None:
    """The council has paid 10 that came after the cut-off; of the NHS 10 is in dispute, and 1 unexplained."""
    books.take_in(*CLAIMS, paid("2024-04-05", "nhs", 15), paid("2024-07-03", "council", 10))
    books.close("FY2024-Q1")
    found = balances(books, "partner,figure,amount\ncouncil,payable,0\nnhs,receivable,1.00\n")
    council, nhs = found["council", "receivable"], found["nhs", "payable"]
    assert (council["pool"], council["theirs"], council["difference"]) == (10_00, 0, -10_00)
    assert (council["in_transit"], council["unexplained"]) == (-10_00, 0)
    assert (nhs["pool"], nhs["theirs"], nhs["disputed"], nhs["unexplained"]) == (10_00, 1_00, -10_00, 1_00)


def test_what_was_recorded_late_explains_a_difference(books: Pool) -> None:
    books.take_in(paid("2024-04-05", "council", 10))
    books.close("FY2024-Q1")
    books.take_in(cost("2024-05-20", "home", 7, partner="council"), late=True)
    found = balances(books, "partner,figure,amount\ncouncil,receivable,7\ncouncil,income,7\n")
    expenditure = found["council", "expenditure"]
    assert (expenditure["pool"], expenditure["late"], expenditure["unexplained"]) == (0, 7_00, 0)


def test_an_item_that_does_not_bring_the_figures_nearer_explains_nothing(books: Pool) -> None:
    books.take_in(paid("2024-07-03", "council", 10))
    books.close("FY2024-Q1")
    council = balances(books, "partner,figure,amount\ncouncil,payable,12\n")["council", "receivable"]
    assert (council["difference"], council["in_transit"], council["unexplained"]) == (2_00, 0, 2_00)


def test_a_claim_in_dispute(books: Pool) -> None:
    books.take_in(*CLAIMS)
    books.close("FY2024-Q1")
    (row,) = make(books.conn, books.book, "claims", "FY2024-Q1").sheets[0].rows
    assert [str(value) for value in row] == ["C-1", "nhs", "nhs", "3000", "2000", "3000", "1000", "2024-05-01",
                                             "Without the agency staff"]


def test_minimum_spending(books: Pool) -> None:
    books.take_in(cost("2024-05-20", "home", 50), cost("2024-05-21", "beds", 30))
    books.close(*QUARTERS)
    given = Given(minimums=("grant=20:beds", "base=10"))
    tests = make(books.conn, books.book, "bcf-return", "FY2024", given=given).sheets[0]
    found = {str(row[0]): row[3:] for row in tests.rows}
    assert found["contribution"] == (40_00, 32_00, 8_00, False)
    assert found["grant"] == (20_00, 6_00, 14_00, False)
    assert found["base"] == (10_00, 32_00, 0, True)


def test_a_notice_under_an_agreement_that_is_not_signed_says_so(sqlite_engine: Engine) -> None:
    with pool(sqlite_engine, agreement(version(signed=None))) as made:
        made.close("FY2024-Q1")
        notice = make(made.conn, made.book, "settlement-notice", "FY2024-Q1", "nhs")
    assert "Nothing is payable until it is" in notice.view.verdict[-1]
