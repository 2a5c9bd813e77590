"""An agreement that changes what a closed year rests on: the year is apportioned again by correcting entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from commissioning import service
from ledger import store
from tests.commissioning.books import NOW, QUARTERS, Pool, agreement, cost, line, paid, pool, rule, shares, version

Data = dict[str, Any]
NEXT = tuple(quarter.replace("FY2024", "FY2025") for quarter in QUARTERS)
EQUALLY = [rule([{"share": {"by": "equal"}}])]


def costs(year: int, home: object, beds: object = 40) -> tuple[Data, Data]:
    return cost(f"{year}-05-10", "home", home), cost(f"{year}-05-10", "beds", beds)


def corrections(made: Pool) -> list[tuple[str, str, str, int]]:
    """Period, period it belongs to, account and amount of each line on an income or reserve account."""
    return [(one.period, one.entry.belongs_to, p.account, p.amount)
            for one in store.entries(made.conn, made.book, kinds=["reapportionment"]) for p in one.entry.postings
            if p.account.startswith(("income:", "reserves:"))]


def brought(statement: Data) -> dict[str, str]:
    assert all(check["holds"] for check in statement["checks"]), statement["checks"]
    return {p: one["brought_forward"] for p, one in statement["partners"].items()}


def test_a_closed_year_is_apportioned_again_in_the_next_close(books: Engine) -> None:
    """20 over is shared 8 and 12; equal shares, agreed after the year was closed, are 10 and 10: 2 move."""
    with pool(books) as made:
        made.take_in(*costs(2024, 80))
        first = made.close(*QUARTERS)
        assert brought(made.close("FY2025-Q1")) == {"council": "48.00", "nhs": "72.00"}
        said = made.apply(agreement(version(rules=EQUALLY, signed="2025-07-02"))).changes
        assert said[-1] == ("changes what FY2024, closed, rests on (the version s75): the next close apportions it "
                            "again by correcting entries")
        found = made.close("FY2025-Q2")
        assert brought(found) == {"council": "50.00", "nhs": "70.00"}
        assert corrections(made) == [("FY2025-Q2", "FY2024-Q4", "income:risk-share:council", -200),
                                     ("FY2025-Q2", "FY2024-Q4", "income:risk-share:nhs", 200)]
        (step,) = (one for one in found["working"] if one["step"] == "FY2024 apportioned again")
        assert step["out"] == {"council": "2.00", "nhs": "-2.00"}
        assert service.issued(made.conn, made.book, "FY2024-Q4").issue == first["issue"] == 1, "as it was issued"
        last = made.close("FY2025-Q3", "FY2025-Q4")
        assert brought(last) == {"council": "50.00", "nhs": "70.00"}, "once"
        assert len(corrections(made)) == 2
        assert not service.verify(made.conn, made.book)


def test_contributions_of_a_closed_year_are_corrected_too(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(*costs(2024, 60), paid("2024-05-01", "council", 40), paid("2024-05-01", "nhs", 60))
        made.close(*QUARTERS)
        made.apply(agreement(version(contributions=[line("council", 50), line("nhs", 50)], signed="2025-04-02")))
        found = made.close("FY2025-Q1")
        assert brought(found) == {"council": "10.00", "nhs": "-10.00"}
        assert found["partners"]["council"]["contribution_due"] == "12.50"
        assert corrections(made) == [
            ("FY2025-Q1", "FY2024-Q4", "income:contributions:council:contribution", -1000),
            ("FY2025-Q1", "FY2024-Q4", "income:contributions:nhs:contribution", 1000)]


def test_reserves_carry_a_correction_through_the_years_after(books: Engine) -> None:
    """The reserve of 20 bore all of the first year's 20 over and nothing of the second's 10; then only 5 a year."""
    def terms(up_to: Data) -> Data:
        found = agreement(version(rules=[rule([{"reserve": "general", **up_to}, {"share": {"by": "equal"}}])]))
        found["reserves"] = {"general": {"fund": "core", "opening": {"council": 20}}}
        return found

    with pool(books, terms({})) as made:
        made.take_in(*costs(2024, 80), *costs(2025, 70))
        made.close(*QUARTERS)
        second = made.close(*NEXT)
        assert shares(second) == {"council": "5.00", "nhs": "5.00"}
        made.apply(terms({"up_to": 5}))
        found = made.close("FY2026-Q1")
        assert found["reserves"]["general"]["closing"] == "10.00", "20 less 5 in each of two years"
        # 7.50 each for the first year, of which the reserve had borne all; 2.50 each for the second, where it was 5.00
        assert brought(found) == {"council": "90.00", "nhs": "130.00"}
        assert {(of, account, amount) for _, of, account, amount in corrections(made) if "reserves" in account} == {
            ("FY2024-Q4", "reserves:general:council", -1500), ("FY2025-Q4", "reserves:general:council", 500)}


def test_a_year_that_is_reopened_and_closed_again_is_not_corrected_twice(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(*costs(2024, 80))
        made.close(*QUARTERS)
        made.apply(agreement(version(rules=EQUALLY)))
        assert brought(made.close("FY2025-Q1")) == {"council": "50.00", "nhs": "70.00"}
        service.reopen(made.conn, made.book, "FY2024-Q4", "late invoice", NOW)
        assert shares(made.close("FY2024-Q4")) == {"council": "10.00", "nhs": "10.00"}, "its own close says it now"
        assert brought(made.close("FY2025-Q1")) == {"council": "50.00", "nhs": "70.00"}
        assert not service.verify(made.conn, made.book)


def test_what_was_carried_forward_is_corrected(books: Engine) -> None:
    """Of an underspend of 10, half was carried forward to home; the new rule carries all of it."""
    def terms(up_to: Data) -> Data:
        return agreement(version(rules=[rule(underspend=[{"carry_forward": {"services": ["home"]}, **up_to},
                                                         {"return": {"by": "contribution"}}])]))

    with pool(books, terms({"up_to": 5})) as made:
        made.take_in(*costs(2024, 50))
        made.close(*QUARTERS)
        assert made.close("FY2025-Q1")["services"][0]["annual_budget"] == "65.00"
        made.apply(terms({}))
        found = made.close("FY2025-Q2")
        assert found["services"][0]["annual_budget"] == "70.00"
        assert brought(found) == {"council": "40.00", "nhs": "60.00"}, "nothing is returned any more"
        balances = made.balances()
        assert balances["reserves:carry-forward:council"] + balances["reserves:carry-forward:nhs"] == -1000
        last = made.close("FY2025-Q3", "FY2025-Q4")
        assert brought(last) == {"council": "40.00", "nhs": "60.00"}
