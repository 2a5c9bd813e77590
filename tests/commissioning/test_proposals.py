"""What waits for a second person, decided from entries alone; who is whom; when two outcomes are the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from commissioning.agreement.model import FourEyes
from commissioning.proposals.model import Actor, Request, outcome_of_text, request_of
from commissioning.proposals.rules import outcome, why_waits
from ledger.model import Entry, Recorded
from tests.conftest import NOW, spending

BEFORE = 10
ABOVE = FourEyes.model_validate({"entries_above": "50.00"}, context={"currency": "GBP"})
EVERY = FourEyes.model_validate({"entries_above": "0"}, context={"currency": "GBP"})


def recorded(entry: Entry, number: int = BEFORE + 1) -> Recorded:
    return Recorded(number, NOW, "00", "FY2024-Q1", entry)


def memorandum(kind: str, details: str = "", reverses: int | None = None) -> Recorded:
    return recorded(Entry(kind, NOW.date(), "M-1", details=details, reverses=reverses))


@pytest.mark.parametrize(("one", "above", "every"), [
    (recorded(spending("A", 5000)), "", "every entry"),
    (recorded(spending("A", 5001)), "A of 50.01 is above 50.00", "every entry"),
    (recorded(spending("A", -5001)), "A of 50.01 is above 50.00", "every entry"),
    (memorandum("forecast", '{"amount":5001}'), "M-1 of 50.01 is above 50.00", "every entry"),
    (memorandum("forecast", '{"amount":-5000}'), "", "every entry"),
    (memorandum("activity", '{"units":9000000}'), "", "every entry"),
    (memorandum("close"), "every close", "every close"),
    (memorandum("reopen"), "every reopening", "every reopening"),
    (memorandum("agreement"), "every version", "every version"),
    (memorandum("reversal", reverses=BEFORE), "every reversal", "every reversal"),
    (memorandum("reversal", reverses=BEFORE + 1), "", "every entry"),
    (memorandum("opening"), "", ""), (memorandum("approval"), "", ""), (memorandum("recomputation"), "", ""),
])
def test_what_waits(one: Recorded, above: str, every: str) -> None:
    for terms, starts in ((ABOVE, above), (EVERY, every)):
        found = why_waits([one], terms, BEFORE, "GBP")
        assert found.startswith(starts)
        assert bool(found) == bool(starts)


def test_one_that_waits_holds_all_up() -> None:
    few = [recorded(spending(f"A-{n}", 100)) for n in range(3)]
    assert not why_waits(few, ABOVE, BEFORE, "GBP")
    assert why_waits([*few, recorded(spending("B", 9000))], ABOVE, BEFORE, "GBP")


def test_a_close_waits_because_it_is_one_not_for_what_it_posts() -> None:
    posted = [recorded(spending("FY2024-Q1/1 core nhs", 9000)), memorandum("statement"), memorandum("close")]
    assert why_waits(posted, ABOVE, BEFORE, "GBP") == "every close waits for a second person"
    assert why_waits(posted, EVERY, BEFORE, "GBP") == "every close waits for a second person"


def test_an_outcome_is_the_same_wherever_it_stands() -> None:
    def at(before: int, pence: int = 100, undone: int = 1) -> list[Recorded]:
        return [recorded(spending("A", pence), before + 1),
                recorded(replace(spending("R", -pence), reverses=before + undone), before + 2)]

    first = outcome(at(10), ["x"], 10, "GBP", "because")
    assert first.same(outcome(at(99), ["x"], 99, "GBP", "another reason"))
    assert not first.same(outcome(at(99, 101), ["x"], 99, "GBP", ""))
    assert not first.same(outcome(at(99), ["y"], 99, "GBP", ""))
    assert not first.same(outcome(at(99, undone=-3), ["x"], 99, "GBP", "")), "it undoes an entry that stood there"
    assert outcome_of_text(first.text) == first


def test_a_person_is_one_however_the_name_is_written() -> None:
    ada = Actor("key:1", "Ada Ali")
    assert ada.is_person(Actor("key:2", " ada ali"))
    assert ada.is_person(Actor("key:1", "somebody"))
    assert not ada.is_person(Actor("key:2", "Ada Aly"))


def test_a_request_is_kept_as_it_was() -> None:
    asked = Request("events", {"files": [["é.csv", "date,event\n"]], "late": False})
    assert request_of(asked.text) == asked
    assert request_of(asked.text).sha256 == asked.sha256
    assert asked.sha256 != Request("events", {**asked.content, "late": True}).sha256
