"""Drafts are worked out once for as long as the books stand where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.drafts import Drafts
from commissioning.closing import drafts
from commissioning.statement import Statement
from exports.language import language, speaking
from tests.api.conftest import CSV, MILLBROOK, Clock
from tests.exports.samples import SAMPLES

Q1 = f"{MILLBROOK}/statements/FY2024-Q1"
MORE = "date,event,service,amount,reference,note\n2024-06-14,expenditure,beds,100.00,INV-9,Beds in June\n"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The periods of which drafts are worked out, as they are."""
    found: list[str] = []
    plain = drafts._drawn

    def noted(conn: Any, book: Any, agreement: Any, period: Any, *more: Any) -> Statement:
        found.append(period.id)
        return plain(conn, book, agreement, period, *more)

    monkeypatch.setattr(drafts, "_drawn", noted)
    return found


def asked(client: TestClient, address: str = Q1, **query: Any) -> dict[str, Any]:
    answer = client.get(address, params={"draft": True, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_draft_is_worked_out_anew_only_when_the_books_have_moved(millbrook: TestClient, drawn: list[str]) -> None:
    first, again = asked(millbrook), asked(millbrook)
    assert drawn == ["FY2024-Q1"]
    assert again.pop("known_at") > first.pop("known_at"), "it says until when it knows"
    assert again == first
    assert asked(millbrook, partner="nhs")["partners"].keys() == {"nhs"}
    assert millbrook.get(f"{Q1}.html", params={"draft": True}).status_code == 200
    assert drawn == ["FY2024-Q1"]
    assert millbrook.post(f"{MILLBROOK}/events", content=MORE, headers=CSV).status_code == 200
    assert asked(millbrook)["totals"]["actual"] == "2700.50"
    assert drawn == ["FY2024-Q1"] * 2


def test_drafts_of_other_periods_and_moments_are_others(millbrook: TestClient, clock: Clock, drawn: list[str]) -> None:
    then = clock().isoformat()
    assert millbrook.post(f"{MILLBROOK}/events", content=MORE, headers=CSV).status_code == 200
    for _time in range(2):
        assert asked(millbrook)["totals"]["actual"] == "2700.50"
        assert asked(millbrook, known_at=then)["totals"]["actual"] == "2600.50"
        assert asked(millbrook, f"{MILLBROOK}/statements/FY2024-Q2")["period"]["id"] == "FY2024-Q2"
    assert sorted(drawn) == ["FY2024-Q1", "FY2024-Q1", "FY2024-Q2"]


def test_closing_and_reopening_alter_what_a_draft_says(millbrook: TestClient, drawn: list[str]) -> None:
    before = asked(millbrook)
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    after = asked(millbrook)
    assert after["ledger"] != before["ledger"]
    assert len(drawn) == 2


@pytest.fixture
def sample() -> Callable[[], Statement]:
    return next(iter(SAMPLES.values()))


def test_few_are_kept_and_the_newest_stay(sample: Callable[[], Statement]) -> None:
    kept, made = Drafts(2), list[str]()

    def make(name: str) -> Callable[[], Statement]:
        def now() -> Statement:
            made.append(name)
            return sample()
        return now

    for name in ("a", "b", "a", "c", "a", "b"):
        kept(name, make(name))
    assert made == ["a", "b", "c", "b"], "c pushed out b, which was asked for longer ago than a"


def test_a_draft_is_made_in_english_whoever_reads_it_first(sample: Callable[[], Statement]) -> None:
    told: list[str] = []

    def make() -> Statement:
        told.append(language())
        return sample()

    with speaking("sv"):
        Drafts()("key", make)
        told.append(language())
    assert told == ["en", "sv"]


def test_a_draft_that_cannot_be_worked_out_is_not_kept(sample: Callable[[], Statement]) -> None:
    kept = Drafts()

    def fails() -> Statement:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept("key", fails)
    assert kept("key", sample) == sample()


@pytest.fixture
def documents(millbrook: TestClient) -> Iterator[list[str]]:
    """What was asked of the database where documents are kept."""
    from sqlalchemy import event

    found: list[str] = []

    def noted(_conn: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if "statement.document" in sql:
            found.append(sql)

    engine = millbrook.app.state.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", noted)
    yield found
    event.remove(engine, "before_cursor_execute", noted)


def test_the_list_of_statements_reads_no_document(millbrook: TestClient, documents: list[str]) -> None:
    closed = [millbrook.post(f"{MILLBROOK}/periods/FY2024-Q{n}/close").json()["statement"] for n in (1, 2, 3, 4)]
    documents.clear()
    listed = millbrook.get(f"{MILLBROOK}/statements").json()["items"]
    assert documents == []
    assert listed == closed
    assert [one["indicative"] for one in listed] == [True, True, True, False]
