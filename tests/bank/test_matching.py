"""Lines are matched to what they are, each once, with a reason that holds; sums tie whatever comes."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.bank.matching import match
from contributions.bank.model import BankLine
from contributions.bank.suggestion import STRENGTHS, Booked, Expected, Found, Match

D = dt.date
APRIL_1, APRIL_3, APRIL_4 = D(2024, 4, 1), D(2024, 4, 3), D(2024, 4, 4)
NAMES = {"council": ["Northshire Council"], "nhs": ["NHS Northshire", "nhs"],
         "district": ["Ashford Vale District Council"], "Home First CIC": ["Home First CIC"]}


def line(ref: str, amount: int, text: str = "", day: D = APRIL_4, **keys: object) -> BankLine:
    return BankLine("A", day, amount, text=text, id=ref, bank_reference=ref, **keys)  # type: ignore[arg-type]


def due(key: str, amount: int, party: str = "council", day: D = APRIL_1, kind: str = "contribution",
        **keys: str) -> Expected:
    partner = party if kind == "contribution" else ""
    return Expected(key, kind, amount, day, party, "core", partner, **keys)


def invoice(key: str, amount: int, day: D = APRIL_1, party: str = "Home First CIC") -> Expected:
    return due(key, -amount, party, day, "payment", reference=key)


def booked(number: int, amount: int, ref: str = "", party: str = "council", day: D = APRIL_3) -> Booked:
    return Booked(number, "contribution" if amount > 0 else "payment", ref or f"R-{number}", day, amount, party)


def found(lines: Iterable[BankLine], expected: Iterable[Expected] = (), there: Iterable[Booked] = ()) -> Found:
    return match(lines, expected, there, NAMES)


def told(result: Found) -> list[tuple[str, str, str, str]]:
    return [("+".join(one.id for one in m.lines), m.strength, m.reason.code,
             "+".join([*(e.key for e in m.expected), *(b.reference for b in m.booked),
                       *([m.undoes.reference] if m.undoes else [])])) for m in result.matches]


def test_a_named_partner_and_its_exact_instalment() -> None:
    result = found([line("B1", 400, "NORTHSHIRE COUNCIL POOL")], [due("apr", 400), due("nhs", 400, "nhs")])
    assert told(result) == [("B1", "certain", "expected", "apr")]
    assert [one.key for one in result.expected] == ["nhs"]


def test_an_amount_that_one_party_alone_owes_is_likely_and_one_that_two_owe_possible() -> None:
    assert told(found([line("B1", 400)], [due("apr", 400)])) == [("B1", "likely", "expected", "apr")]
    assert told(found([line("B1", 400)], [due("c", 400), due("n", 400, "nhs")])) == [
        ("B1", "possible", "expected", "c")]


def test_a_line_that_is_certain_only_once_another_has_its_own_is_taken() -> None:
    result = found([line("B1", -400, "INV-0001"), line("B2", -400, "Home First CIC")],
                   [invoice("INV-0001", 400), invoice("INV-0002", 400)])
    assert told(result) == [("B1", "certain", "expected", "INV-0001"), ("B2", "certain", "expected", "INV-0002")]


def test_equal_instalments_go_by_day() -> None:
    result = found([line("B1", 400, "Northshire Council", D(2024, 5, 3)), line("B2", 400, "Northshire Council")],
                   [due("apr", 400), due("may", 400, day=D(2024, 5, 1)), due("jun", 400, day=D(2024, 6, 1))])
    assert sorted(told(result)) == [("B1", "certain", "expected", "may"), ("B2", "certain", "expected", "apr")]


def test_another_partners_name_keeps_an_amount_away() -> None:
    result = found([line("B1", 400, "NHS Northshire")], [due("apr", 400)])
    assert (told(result), [one.id for one in result.lines]) == ([], ["B1"])


def test_a_longer_name_is_not_taken_for_the_shorter_inside_it() -> None:
    names = {**NAMES, "council": ["Council"]}
    result = match([line("B1", 90, "ASHFORD VALE DISTRICT COUNCIL")], [due("c", 90), due("d", 90, "district")], [],
                   names)
    assert told(result) == [("B1", "certain", "expected", "d")]


def test_a_reference_in_the_text_is_certain() -> None:
    result = found(
        [line("B1", -250, "payment inv 0042", D(2024, 6, 20)), line("B2", -250, "", references=("INV0043",))],
        [invoice("INV-0042", 250), invoice("INV-0043", 250), invoice("INV-00421", 250)])
    assert sorted(told(result)) == [("B1", "certain", "expected", "INV-0042"),
                                    ("B2", "certain", "expected", "INV-0043")]


def test_one_payment_for_two_instalments() -> None:
    result = found([line("B1", 750, "NHS Northshire")],
                   [due("base", 450, "nhs"), due("grant", 300, "nhs"), due("c", 400), due("c2", 350)])
    assert told(result) == [("B1", "likely", "expected-together", "base+grant")]


def test_one_payment_for_four_invoices_that_it_names() -> None:
    items = [invoice(f"INV-100{n}", 100 + n) for n in range(1, 6)]
    result = found([line("B1", -410, "INV-1001 INV-1002 INV-1003 INV-1004")], items)
    assert told(result) == [("B1", "certain", "expected-together", "INV-1001+INV-1002+INV-1003+INV-1004")]


def test_an_instalment_in_parts() -> None:
    result = found([line("B1", 150, "Northshire Council"), line("B2", 250, "Northshire Council", D(2024, 4, 9))],
                   [due("apr", 400)])
    assert told(result) == [("B1+B2", "likely", "expected-in-parts", "apr")]


def test_a_partner_who_pays_another_amount() -> None:
    assert told(found([line("B1", 333, "Northshire Council")], [due("apr", 400), due("may", 400, day=D(2024, 5, 1))])
                ) == [("B1", "possible", "other-amount", "apr")]


def test_a_part_of_an_invoice_that_the_line_names() -> None:
    items = [invoice("INV-1001", 500), invoice("INV-1002", 300)]
    result = found([line("B1", -200, "INV-1001"), line("B2", -900, "INV-1002"), line("B3", -100, "nothing")], items)
    assert told(result) == [("B1", "possible", "other-amount", "INV-1001")]


def test_what_was_posted_by_the_banks_reference_is_there() -> None:
    result = found([line("B1", 400), line("B2", 70)], [due("apr", 400)],
                   [booked(7, 400, "B1"), booked(8, 30, "B2/1"), booked(9, 40, "B2/2")])
    assert told(result) == [("B1", "certain", "posted", "B1"), ("B2", "certain", "posted", "B2/1+B2/2")]
    assert [one.key for one in result.expected] == ["apr"]


def test_what_was_posted_by_hand_is_there() -> None:
    result = found([line("B1", 400, "Northshire Council"), line("B2", 90, "thanks RCT-77"), line("B3", 55)],
                   [due("apr", 400)],
                   [booked(1, 400), booked(2, 90, "RCT-77", day=D(2024, 3, 1)), booked(3, 55, day=D(2024, 4, 20))])
    assert sorted(told(result)) == [("B1", "certain", "in-books", "R-1"), ("B2", "certain", "in-books", "RCT-77")]
    assert ([one.id for one in result.lines], [one.number for one in result.booked]) == (["B3"], [3])


def test_one_line_for_several_entries_and_several_lines_for_one() -> None:
    result = found([line("B1", -30, "Home First CIC"), line("B2", -60), line("B3", -40)], [], [
        booked(1, -10, party="Home First CIC"), booked(2, -20, party="Home First CIC"), booked(3, -100, party="")])
    assert sorted(told(result)) == [("B1", "likely", "in-books-together", "R-1+R-2"),
                                    ("B2+B3", "possible", "in-books-in-parts", "R-3")]


def test_a_line_that_the_bank_took_back_needs_nothing() -> None:
    result = found([line("B1", -250, "Home First CIC INV-0042"), line("B2", 250, "Home First CIC INV-0042",
                                                                       D(2024, 4, 8), reversal=True)],
                   [invoice("INV-0042", 250)])
    assert told(result) == [("B1+B2", "likely", "cancelled", "")]
    assert [one.key for one in result.expected] == ["INV-0042"]


@pytest.mark.parametrize(("paid", "returned"), [("", ""), ("Home First CIC", "Northshire Council")])
def test_a_return_of_something_else_takes_nothing_back(paid: str, returned: str) -> None:
    lines = [replace(line("B1", -200), name=paid), replace(line("B2", 200, reversal=True), name=returned)]
    assert told(found(lines)) == []


def test_a_reversal_of_what_is_in_the_books() -> None:
    result = found(_returned(), [], [booked(1, 400)])
    assert told(result) == [("B2", "likely", "undoes", "R-1")]
    both = found([line("B1", 400, "Northshire Council"), *_returned()], [], [booked(1, 400)])
    assert told(both) == [("B1", "certain", "in-books", "R-1"), ("B2", "likely", "undoes", "R-1")]
    undone = replace(booked(1, 400), undone=True)
    assert [one.id for one in found(_returned(), [], [undone]).lines] == ["B2"]


def _returned() -> list[BankLine]:
    return [line("B2", -400, "RETURNED Northshire Council", D(2024, 4, 8), reversal=True)]


AMOUNTS = st.integers(-60, 60).filter(bool)
DAYS = st.dates(D(2024, 3, 1), D(2024, 6, 30))
TEXTS = st.sampled_from(["", "Northshire Council", "NHS Northshire", "nhs INV-0001", "INV-0002", "Home First CIC"])
PARTIES = st.sampled_from([*NAMES, ""])


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[BankLine], list[Expected], list[Booked]]:
    def many(one: st.SearchStrategy[tuple[object, ...]]) -> list[tuple[object, ...]]:
        return draw(st.lists(one, max_size=9))

    lines = [line(f"B{n}", a, t, d, reversal=r) for n, (a, t, d, r) in enumerate(  # type: ignore[arg-type]
        many(st.tuples(AMOUNTS, TEXTS, DAYS, st.booleans())))]
    expected = [due(f"E{n}", a, p, d, reference=f"INV-000{n}") for n, (a, p, d) in enumerate(  # type: ignore[arg-type]
        many(st.tuples(AMOUNTS, PARTIES, DAYS)))]
    there = [booked(n, a, f"B{n}" if own else "", p, d) for n, (a, p, d, own) in enumerate(  # type: ignore[arg-type]
        many(st.tuples(AMOUNTS, PARTIES, DAYS, st.booleans())))]
    return lines, expected, there


def _sums_tie(one: Match) -> bool:
    moved = sum(each.amount for each in one.lines)
    if one.reason.code == "cancelled":
        return moved == 0
    if one.reason.code == "undoes":
        return one.undoes is not None and moved == -one.undoes.amount
    if one.reason.code == "other-amount":
        return len(one.lines) == len(one.expected) == 1 and (moved > 0) == (one.expected[0].amount > 0)
    return moved == sum(entry.amount for entry in one.booked or one.expected)


@settings(max_examples=300, deadline=None)
@given(desks())
def test_every_line_is_matched_once_or_left_and_sums_tie(
        desk: tuple[list[BankLine], list[Expected], list[Booked]]) -> None:
    lines, expected, there = desk
    result = found(lines, expected, there)
    parts = ([each for m in result.matches for each in m.lines], [each for m in result.matches for each in m.expected],
             [each for m in result.matches for each in m.booked])
    for given_, matched, left in zip(desk, parts, (result.lines, result.expected, result.booked), strict=True):
        assert sorted(map(repr, given_)) == sorted(map(repr, [*matched, *left]))
    assert all(_sums_tie(one) for one in result.matches)
    assert all(one.strength in STRENGTHS and len(one.lines) <= 4 and len(one.expected) <= 4 for one in result.matches)
    assert found(lines, expected, there) == result


@pytest.mark.parametrize("amounts", [1, 3, 60])
def test_twice_the_lines_take_twice_the_work(amounts: int) -> None:
    """However few the amounts that they share: what is counted is the calls, which do not depend on the machine."""
    def work(size: int) -> int:
        lines = [line(f"B{n}", 100 * (n % amounts + 1), "" if n % 3 else "NHS Northshire",
                      APRIL_1 + dt.timedelta(n % 90), reversal=not n % 20) for n in range(size)]
        owed = [due(f"k{n}", 100 * (n % amounts + 1), "nhs", APRIL_1 + dt.timedelta(n % 80)) for n in range(size)]
        there = [booked(n, 100 * (n % amounts + 1), day=APRIL_1 + dt.timedelta(n % 70)) for n in range(size // 2)]
        calls = 0

        def count(_frame: object, event: str, _value: object) -> None:
            nonlocal calls
            calls += event == "call"

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            found(lines, owed, there)
        finally:
            sys.setprofile(before)
        return calls

    work(10)
    assert work(1600) < 2.5 * work(800)
