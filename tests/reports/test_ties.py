"""Every report of every example foots and ties: to its statement, and to the ledger's postings one by one."""

from __future__ import annotations

import datetime as dt

import pytest

from commissioning.reports.sources import sources
from docs.make_gallery import cases
from exports.reports.catalogue import REPORTS
from exports.reports.model import Report, Sheet
from ledger import service as books
from ledger import store
from ledger.model import Recorded
from tests.reports.examples import ledger, periods, report, reports


def foots(sheet: Sheet) -> None:
    """Each row holds what its ties say."""
    at = {field.id: i for i, field in enumerate(sheet.fields)}
    for row in sheet.rows:
        assert len(row) == len(sheet.fields), sheet.id
        for tie in sheet.ties:
            def value(name: str, row: tuple[object, ...] = row) -> int:
                found = row[at[name]]
                return found if isinstance(found, int) else 0

            if row[at[tie.result]] is not None:
                assert sum(map(value, tie.plus)) - sum(map(value, tie.minus)) == value(tie.result), tie.words


def every(example: str, period: str) -> list[Report]:
    """Every report of a period: of the whole pool, and of its first and last partner."""
    partners = report(example, period, "annual-return").asked.whole.partners
    few = dict.fromkeys((partners[0].id, partners[-1].id))
    return reports(example, period, [(name, partner) for name, kind in REPORTS.items()
                                     for partner in (() if kind.for_one else ("",)) + tuple(few)])


@pytest.mark.parametrize("example", [folder.name for folder in cases()])
def test_reports_foot_and_tie(example: str) -> None:
    all_ = periods(example)
    for period in dict.fromkeys((all_[len(all_) // 2 - 1], all_[-1])):
        for made in every(example, period):
            assert made.checks, "every report ties to something"
            assert [check for check in made.checks if not check.holds] == [], (period, made.stem)
            for sheet in made.sheets:
                foots(sheet)
        income_is_the_postings(example, period)


def income_is_the_postings(example: str, period: str) -> None:
    """Income, and expenditure, by the report are the sums of the postings themselves."""
    made = report(example, period, "annual-return")
    s, sheets = made.asked.statement, {sheet.id: sheet for sheet in made.sheets}
    with ledger(example).connect() as conn:
        book = books.list_books(conn)[0]
        entries = [one for one in store.all_entries(conn, book) if one.number <= s.entries]
    assert sheets["income"].sum("amount") == -posted(entries, "income:", s.starts, s.ends)
    assert sheets["expenditure"].sum("gross") == posted(entries, "expenses:", s.starts, s.ends)
    held = posted(entries, "assets:bank:", dt.date.min, s.ends)
    assert sheets["funds"].sum("closing") == held


def posted(entries: list[Recorded], root: str, first: dt.date, last: dt.date) -> int:
    return sum(line.amount for one in entries if first <= one.entry.date <= last for line in one.entry.postings
               if line.account.startswith(root))


def test_a_wrong_figure_would_be_seen() -> None:
    """A check compares two figures that come about in different ways: one that is off does not hold."""
    made = report("northshire-2024", "FY2024-M12", "ageing")
    assert any(check.here != check.there + 1 for check in made.checks)
    sheet = made.sheets[0]
    off = [list(row) for row in sheet.rows]
    off[0][2] = int(off[0][2] or 0) + 1  # type: ignore[call-overload]
    with pytest.raises(AssertionError):
        foots(Sheet(sheet.id, "", "", "", sheet.fields, tuple(map(tuple, off)), sheet.ties))


def test_no_source_is_spent_twice_or_beyond_what_it_gives() -> None:
    made = report("better-care-fund-england", "FY2025-Q4", "bcf-return")
    whole = made.asked.whole
    found = sources(made.asked.books, {s.id: s.actual for s in whole.services}, {s.id: s.fund for s in whole.services})
    for one in found.sources:
        assert one.spending <= one.agreed
        assert not one.services or set(one.spent) <= set(one.services), "ring-fenced money stays within its fence"
    by_service = {s.id: sum(one.spent.get(s.id, 0) for one in found.sources) + found.otherwise.get(s.id, 0)
                  for s in whole.services}
    assert by_service == {s.id: s.actual for s in whole.services}


def test_the_case_of_the_national_fund_comes_to_its_published_composition() -> None:
    """The example is a thousandth of England's Better Care Fund of 2025/26: 5,614 + 2,640 + 711 = 8,965 million."""
    made = report("better-care-fund-england", "FY2025-Q4", "bcf-return")
    income = next(sheet for sheet in made.sheets if sheet.id == "income")
    assert [row[income_at] for row in income.rows for income_at in [6]] == [5_614_000_00, 2_640_000_00, 711_000_00]
    assert income.sum("agreed") == 8_965_000_00
