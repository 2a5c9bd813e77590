"""The life of a pool: settlements, the next year, late events, reopened periods, changed agreements, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning import service
from ledger import store
from ledger.calendar import PeriodNameWrong
from ledger.errors import Refused
from tests.commissioning.books import NOW, QUARTERS, Pool, agreement, cost, line, paid, pool, rule, shares, version

Data = dict[str, Any]


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


def refused(books: Pool, attempt: Callable[[], object]) -> list[str]:
    """The codes with which something is refused; asserts that nothing of it stays in the books."""
    before = books.head
    with pytest.raises(Refused) as found, books.conn.begin_nested():
        attempt()
    assert books.head == before, "nothing is written"
    return codes(found)


def settlement(date: str, partner: str, amount: object, period: str = "FY2024-Q4") -> Data:
    return {"date": date, "event": "settlement", "fund": "core", "partner": partner, "amount": str(amount),
            "source": period, "reference": f"{date} settlement {partner}"}


# ---------------------------------------------------------------------------------------------------- year after year

def test_what_is_left_unpaid_is_brought_forward_and_kept_apart(books: Engine) -> None:
    """30 over in 2024: council 12, NHS 18. The council pays in 2025; NHS still owes 8."""
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 90), cost("2024-05-01", "beds", 40),
                     paid("2024-05-01", "council", 40), paid("2024-05-01", "nhs", 60))
        first = made.close(*QUARTERS)
        made.take_in(settlement("2025-05-01", "council", 12), settlement("2025-05-01", "nhs", 10),
                     paid("2025-04-02", "council", 10), cost("2025-05-02", "home", 15))
        second = made.close("FY2025-Q1")
        balances = made.balances()
    assert {p: one["settlement"] for p, one in first["partners"].items()} == {"council": "12.00", "nhs": "18.00"}
    council, nhs = second["partners"]["council"], second["partners"]["nhs"]
    assert (council["brought_forward"], council["settled"]) == ("12.00", "12.00")
    assert (nhs["brought_forward"], nhs["settled"]) == ("18.00", "10.00")
    assert (council["contribution_paid"], council["due_now"]) == ("10.00", "0.00"), "a settlement is no contribution"
    assert (nhs["contribution_paid"], nhs["due_now"]) == ("0.00", "15.00")
    assert balances["assets:due-from:nhs"] == 800


def test_what_the_pool_owes_is_paid_back_as_a_negative_settlement(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 30), cost("2024-05-01", "beds", 40),
                     paid("2024-05-01", "council", 40), paid("2024-05-01", "nhs", 60))
        first = made.close(*QUARTERS)
        made.take_in(settlement("2025-05-01", "council", -12))
        second = made.close("FY2025-Q1")
        balances = made.balances()
    assert first["partners"]["council"]["settlement"] == "-12.00"
    assert (second["partners"]["council"]["brought_forward"], second["partners"]["council"]["settled"]) == (
        "-12.00", "-12.00")
    assert "liabilities:due-to:council" not in balances
    assert balances["liabilities:due-to:nhs"] == -1800


def test_settling_each_period_posts_only_the_difference(books: Engine) -> None:
    """10 over by June (4 and 6), 5 over by September (2 and 3): the second close gives back 2 and 3."""
    with pool(books, agreement(settle="period")) as made:
        made.take_in(cost("2024-05-01", "home", 25), cost("2024-05-01", "beds", 10))
        first = made.close("FY2024-Q1")
        after_first = made.balances()
        made.take_in(cost("2024-08-01", "home", 10), cost("2024-08-01", "beds", 10))
        second = made.close("FY2024-Q2")
        after_second = made.balances()
    assert (first["indicative"], shares(first)) == (False, {"council": "4.00", "nhs": "6.00"})
    assert shares(second) == {"council": "2.00", "nhs": "3.00"}
    assert [after_first[f"income:risk-share:{p}"] for p in ("council", "nhs")] == [-400, -600]
    assert [after_second[f"income:risk-share:{p}"] for p in ("council", "nhs")] == [-200, -300]


def test_a_share_that_is_gone_is_taken_back(books: Engine) -> None:
    """The district has no line in the fund and keeps underspends only: 5 in June. In September there is none."""
    terms = agreement(version(rules=[rule(underspend=[{"absorb": {"partner": "district"}}])]), settle="period")
    terms["partners"]["district"] = {}
    with pool(books, terms) as made:
        made.take_in(cost("2024-05-01", "home", 20))
        first = made.close("FY2024-Q1")
        made.take_in(cost("2024-08-01", "home", 40))
        second = made.close("FY2024-Q2")
        balances = made.balances()
    assert shares(first)["district"] == "-5.00"
    assert shares(second)["district"] == "0.00"
    assert "liabilities:due-to:district" not in balances
    assert all(check["holds"] for check in second["checks"])


def test_interim_shares_are_indicative_and_not_posted(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 25), cost("2024-05-01", "beds", 10))
        found = made.close("FY2024-Q1")
        balances = made.balances()
    assert (found["indicative"], shares(found)) == (True, {"council": "4.00", "nhs": "6.00"})
    assert not any(account.startswith("income:risk-share") for account in balances)


def test_a_reserve_goes_on_into_the_next_year(books: Engine) -> None:
    terms = agreement(version(rules=[rule([{"reserve": "general"}, {"share": {"by": "equal"}}],
                                          [{"to_reserve": "general", "owned": {"by": "contribution"}}])]))
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 30}}}
    with pool(books, terms) as made:
        made.take_in(cost("2024-05-01", "home", 50), cost("2024-05-01", "beds", 40))
        first = made.close(*QUARTERS)["reserves"]["general"]
        made.take_in(cost("2025-05-01", "home", 80), cost("2025-05-01", "beds", 40))
        second = made.close("FY2025-Q1", "FY2025-Q2", "FY2025-Q3", "FY2025-Q4")
    assert (first["added"], first["by_partner"]) == ("10.00", {"council": "34.00", "nhs": "6.00"})
    general = second["reserves"]["general"]
    assert (general["opening"], general["drawn"]) == ("40.00", "20.00")
    assert general["by_partner"] == {"council": "17.00", "nhs": "3.00"}, "each of origin gives in proportion"


# ------------------------------------------------------------------------------------------- closed periods, and after

def test_a_reopened_period_issues_its_statement_anew(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 25), cost("2024-05-01", "beds", 10))
        first = made.close("FY2024-Q1", "FY2024-Q2")
        assert [p.id for p in service.reopen(made.conn, made.book, "FY2024-Q1", "an invoice was missed", NOW)] == [
            "FY2024-Q1", "FY2024-Q2"]
        made.take_in(cost("2024-05-02", "home", 5))
        again = made.close("FY2024-Q1")
        kept = service.issued(made.conn, made.book, "FY2024-Q1", issue=1)
        latest = service.issued(made.conn, made.book, "FY2024-Q1")
        assert service.verify(made.conn, made.book) == []
    assert first["issue"] == 1
    assert (again["issue"], again["totals"]["actual"]) == (2, "40.00")
    assert '"actual": "35.00"' in kept.document
    assert '"actual": "40.00"' in latest.document


def test_a_missing_reason_is_told_of_the_period_that_was_named(books: Engine) -> None:
    with pool(books) as made:
        made.close("FY2024-Q1", "FY2024-Q2")
        with pytest.raises(Refused, match="reopening FY2024-Q1 needs a reason"):
            service.reopen(made.conn, made.book, "FY2024-Q1", " ", NOW)


def test_an_event_in_a_closed_period_is_refused_or_posted_late(books: Engine) -> None:
    with pool(books) as made:
        made.close("FY2024-Q1")
        assert refused(made, lambda: made.take_in(cost("2024-05-01", "home", 25))) == ["event-in-closed-period"]
        assert made.take_in(cost("2024-05-01", "home", 25), late=True).posted == 1
        entry = store.find(made.conn, made.book, "expenditure", "2024-05-01 home")
        assert entry is not None
        assert (entry.entry.date.isoformat(), entry.entry.belongs_to) == ("2024-07-01", "FY2024-Q1")
        assert made.take_in(cost("2024-05-01", "home", 25), late=True).skipped == 1, "the same again"
        found = made.close("FY2024-Q2")
    assert found["totals"]["actual"] == "25.00", "the year to date picks it up"


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_a_cost_follows_the_version_of_its_own_day(books: Engine, late: bool) -> None:
    """Until September the variance is the council's, from October NHS's; the cost of 100 is September's.

    The plan by days is 50.13 until September and 49.87 after it.
    """
    def all_to(partner: str) -> Data:
        return rule([{"absorb": {"partner": partner}}], [{"absorb": {"partner": partner}}])

    terms = agreement(version(rules=[all_to("council")]),
                      version(id="b", effective="2024-10-01", rules=[all_to("nhs")]))
    with pool(books, terms) as made:
        if late:
            made.close("FY2024-Q1", "FY2024-Q2")
        made.take_in(cost("2024-09-01", "home", 100), late=late)
        found = made.close(*(QUARTERS[2:] if late else QUARTERS))
    assert shares(found) == {"council": "49.87", "nhs": "-49.87"}


@pytest.mark.parametrize("late", [False, True], ids=["reversal", "late event"])
def test_a_service_that_has_ended_keeps_its_corrections(books: Engine, late: bool) -> None:
    home = {"home": {"fund": "core", "lead": "council", "budget": 100}}
    with pool(books, agreement(version(), version(id="b", effective="2024-10-01", services=home))) as made:
        made.take_in(cost("2024-09-02", "beds", 20))
        made.close("FY2024-Q1", "FY2024-Q2")
        made.take_in(cost("2024-09-01", "beds", 20) if late else {
            "date": "2024-11-01", "event": "reversal", "against": "2024-09-02 beds", "reference": "R"}, late=late)
        found = made.close("FY2024-Q3")
    assert all(check["holds"] for check in found["checks"])
    assert found["totals"]["actual"] == ("40.00" if late else "0.00")


def test_periods_close_in_order_and_once(books: Engine) -> None:
    with pool(books) as made:
        assert refused(made, lambda: made.close("FY2024-Q2")) == ["period-order"]
        made.close("FY2024-Q1")
        assert refused(made, lambda: made.close("FY2024-Q1")) == ["period-already"]
        with pytest.raises(PeriodNameWrong):
            made.close("FY2024-M01")


# --------------------------------------------------------------------------------------------- agreements that change

def test_what_an_agreement_may_and_may_not_change(books: Engine) -> None:
    with pool(books) as made:
        made.close(*QUARTERS)
        assert refused(made, lambda: made.apply(agreement(version(effective="2023-04-01")))) == ["partnership-changed"]
        assert refused(made, lambda: made.apply(agreement(currency="EUR"))) == ["partnership-changed"]
        equally = [rule([{"share": {"by": "equal"}}])]
        later = agreement(version(), version(id="b", effective="2025-10-01", rules=equally))
        assert made.apply(later).changes == ("adds the version b (signed), in force from 2025-10-01",)
        assert made.apply(later).changes == (), "the same again changes nothing"


def test_a_line_that_a_late_version_takes_away_is_taken_back(books: Engine) -> None:
    """The council's 10 of the first quarter fell due as another source than the late version has."""
    renamed = version(signed="2024-07-20", contributions=[line("council", 40, source="levy"), line("nhs", 60)])
    with pool(books) as made:
        made.close("FY2024-Q1")
        made.apply(agreement(renamed))
        found = made.close(*QUARTERS[1:])
        balances = made.balances()
    assert all(check["holds"] for check in found["checks"])
    assert {a: b for a, b in balances.items() if a.startswith("income:contributions:council")} == {
        "income:contributions:council:levy": -4000}


def test_a_retrospective_change_within_the_year_is_settled_by_its_difference(books: Engine) -> None:
    """20 over in the first quarter is shared 8 and 12; signed in July, equal shares hold from April: 2 move."""
    equally = version(signed="2024-07-20", rules=[rule([{"share": {"by": "equal"}}])])
    with pool(books, agreement(settle="period")) as made:
        made.take_in(cost("2024-05-01", "home", 35), cost("2024-05-01", "beds", 10))
        assert shares(made.close("FY2024-Q1")) == {"council": "8.00", "nhs": "12.00"}
        made.apply(agreement(equally, settle="period"))
        made.take_in(cost("2024-08-01", "home", 15), cost("2024-08-01", "beds", 10))
        found = made.close("FY2024-Q2")
        entries = [e.entry for e in store.entries(made.conn, made.book, kinds=["apportionment"])]
    assert shares(found) == {"council": "10.00", "nhs": "10.00"}
    assert found["agreements"][0]["status"] == "retrospective"
    moved = [(line_.account, line_.amount) for entry in entries for line_ in entry.postings
             if line_.account.startswith("income")]
    assert moved == [("income:risk-share:council", -800), ("income:risk-share:nhs", -1200),
                     ("income:risk-share:council", -200), ("income:risk-share:nhs", 200)]
    assert all(len({line_.partner for line_ in entry.postings}) == 1 for entry in entries), "one partner's each"


def test_a_change_before_anything_is_closed_is_accepted(books: Engine) -> None:
    with pool(books) as made:
        changes = made.apply(agreement(version(rules=[rule([{"share": {"by": "equal"}}])]))).changes
    assert changes == ("changes the version s75: rules",)


@pytest.mark.parametrize("what", ["service", "partner"])
def test_what_the_books_rest_on_cannot_be_dropped(books: Engine, what: str) -> None:
    terms = agreement(version(services={"home": {"fund": "core", "lead": "council", "budget": 100}}))
    if what == "partner":
        terms = agreement(version(contributions=[line("council", 100)], services={
            "home": {"fund": "core", "budget": 60}, "beds": {"fund": "core", "budget": 40}}))
        terms["partners"] = {"council": {}}
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "beds", 20), paid("2024-05-01", "nhs", 10))
        assert refused(made, lambda: made.apply(terms))


# ------------------------------------------------------------------------------------------------ events that come in

def test_the_same_reference_with_other_content_is_refused(books: Engine) -> None:
    with pool(books) as made:
        assert made.take_in(cost("2024-05-01", "home", 25)).posted == 1
        assert made.take_in(cost("2024-05-01", "home", 25)).skipped == 1
        assert refused(made, lambda: made.take_in(cost("2024-05-01", "home", 26))) == ["reference-reused"]
        other_kind = {**paid("2024-05-01", "nhs", 25), "reference": "2024-05-01 home"}
        assert made.take_in(other_kind).posted == 1, "a reference is unique per kind of event"


def test_an_import_is_all_or_nothing_or_the_good_rows(books: Engine) -> None:
    rows = (cost("2024-05-01", "home", 25), cost("2024-05-02", "hom", 5), cost("2024-05-03", "home", 1),
            {**cost("2024-05-01", "home", 26)})
    with pool(books) as made:
        assert set(refused(made, lambda: made.take_in(*rows))) >= {"service-unknown"}
        done = made.take_in(*rows, accept_good=True)
        assert done.posted == 2
        assert [fault.place.line for fault in done.refused] == [2, 4]


def test_a_refused_import_leaves_nothing_even_in_a_transaction_that_goes_on(books: Engine) -> None:
    with pool(books) as made:
        before = made.head
        with pytest.raises(Refused):
            made.take_in(cost("2024-05-01", "home", 25), {"date": "2024-05-02", "event": "reversal", "reference": "R",
                                                         "against": "nothing"})
        assert made.head == before


def test_a_reversal_undoes_the_whole_at_its_own_date(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 25), {"date": "2024-08-01", "event": "reversal", "reference": "R",
                                                     "against": "2024-05-01 home"})
        assert made.close("FY2024-Q1")["totals"]["actual"] == "25.00"
        assert made.close("FY2024-Q2")["totals"]["actual"] == "0.00"


OWN_ENTRIES = ("opening:reserve general", "instalment:FY2024-Q1/1 core 2024-04-01", "statement:FY2024-Q1/1",
               "FY2024-Q1/1 core 2024-04-01")


@pytest.mark.parametrize("against", OWN_ENTRIES)
def test_a_reversal_undoes_events_only(books: Engine, against: str) -> None:
    terms = agreement()
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 30}}}
    undo = {"date": "2024-08-01", "event": "reversal", "reference": "R", "against": against}
    with pool(books, terms) as made:
        made.close("FY2024-Q1")
        assert refused(made, lambda: made.take_in(undo))


def test_a_reversal_comes_after_what_it_undoes(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-08-01", "home", 25))
        assert refused(made, lambda: made.take_in({"date": "2024-05-01", "event": "reversal", "reference": "R",
                                                   "against": "2024-08-01 home"}))


@pytest.mark.parametrize("date", ["20240501", "2024-W18-3"])
def test_dates_are_year_month_day(books: Engine, date: str) -> None:
    from commissioning.events.reading import read_objects
    _, faults = read_objects([cost(date, "home", 25)], "GBP")
    assert [fault.code for fault in faults] == ["date-unreadable"]


def test_columns_that_a_spreadsheet_has_emptied_are_passed_over() -> None:
    from commissioning.events.reading import read_csv
    rows = ("date,event,service,amount,reference", "2024-05-01,expenditure,beds,10,A",
            "2024-05-02,expenditure,beds,20,B")
    plain = read_csv("\n".join(rows), "GBP")
    assert not plain[1]
    for ends in (",,", " , ,"):
        assert read_csv("".join(f"{row}{ends}\n" for row in rows), "GBP") == plain
    for header, row in ((",,", ",x"), (",,", ",,,"), (",,", ","), ("", ",")):
        events, faults = read_csv(f"{rows[0]}{header}\n{rows[1]}{header}\n{rows[2]}{row}\n", "GBP")
        assert events == plain[0][:1]
        assert [(fault.code, fault.place.line) for fault in faults] == [("row-ragged", 3)]


def test_a_ragged_row_is_one_rows_fault() -> None:
    from commissioning.events.reading import read_csv
    events, faults = read_csv("date,event,service,amount,reference\n2024-05-01,expenditure,home,1,A\n2024-05-02,B\n",
                              "GBP", "rows.csv")
    assert (len(events), [fault.place.line for fault in faults]) == (1, [3])


# ---------------------------------------------------------------------------------------------------- reading the file

def test_words_that_yaml_reads_as_something_else_stay_words() -> None:
    """A partner called `no`, an id of digits, an amount with decimals: all stay the text that was written."""
    from commissioning.agreement.reading import read_agreement
    found = read_agreement(NORWAY)
    assert list(found.partners) == ["no", "010"]
    assert found.versions()[0].contributions[0].amount == 10, "pence"


def test_every_missing_key_is_told() -> None:
    from commissioning.agreement.reading import read_agreement
    with pytest.raises(Refused) as found:
        read_agreement(NORWAY.replace("funds: {core: {host: no}},", "").replace("effective: 2024-04-01, ", ""))
    assert [fault.facts["key"] for fault in found.value.faults] == ["effective", "funds"]


NORWAY = """
poolbook: 1
partnership: {id: nordre, name: Nordre, currency: GBP}
partners: {no: {}, 010: {}}
agreements:
  - {id: first, effective: 2024-04-01, funds: {core: {host: no}},
     contributions: [{fund: core, partner: no, amount: 0.10}]}
"""
