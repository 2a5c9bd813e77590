"""One line of the bank that two people post, or approve, as two different things: the first does, the second cannot."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import MILLBROOK, MakeKey, clock, head, make_key, server
from tests.api.conftest import admin as admin
from tests.api.test_proposals import People, people
from tests.api.test_refusals import refused
from tests.bank.files import Entry, Stmt, camt
from tests.bank.test_http import XML

__all__ = ["clock", "make_key", "people", "server"]
INCOME = {"event": "income", "fund": "core"}
CONTRIBUTION = {"event": "contribution", "fund": "core", "partner": "nhs", "source": "base"}


def rows(people: People, amount: str, *said: Mapping[str, str]) -> dict[str, Any]:
    """The rows of bank line B-9, accepted as what is said, each a part of its amount where it says one."""
    statement = camt([Stmt("S-1", "0.00", [Entry(amount, "2024-07-05", "B-9", text="thing")], day="2024-07-31")])
    answer = people.post("bank/suggestions", content=statement, headers=XML)
    (row,) = answer.json()["rows"]
    return {"rows": [{**row, "partner": "", "source": "", "amount": amount, **one, "accept": "yes"} for one in said]}


def parts(amount: str, of: Mapping[str, str] = INCOME) -> list[dict[str, str]]:
    """A line shared out in two."""
    return [{**of, "amount": "3000.00"}, {**of, "amount": amount}]


@pytest.mark.parametrize(("first", "second"), [
    ([INCOME], [CONTRIBUTION]), ([INCOME], parts("6000.00")), (parts("6000.00"), [INCOME]),
    (parts("6000.00"), parts("6000.00", CONTRIBUTION))], ids=("other", "shared out", "whole", "both shared out"))
def test_the_second_proposal_for_a_line_is_not_done(people: People, first: Any, second: Any) -> None:
    for said in (first, second):
        people.waiting(people.post("bank/postings", json=rows(people, "9000.00", *said)))
    assert people.approve(1).status_code == 200
    before = head(people.client)
    problem = refused(people.approve(2), 409, "bank-line-posted")
    assert "bank line B-9 was posted before as income B-9" in problem["errors"][0]["message"]
    assert head(people.client) == before
    assert people.client.get(f"{MILLBROOK}/proposals/2").json()["status"] == "open", "it can be turned down"
    assert people.post("proposals/2/rejection", "ben", json={"reason": "It is in the books"}).status_code == 200


def test_of_two_proposals_for_a_line_that_are_approved_at_once_one_is_done(people: People, make_key: MakeKey) -> None:
    cleo = {"Authorization": f"Bearer {make_key('millbrook', ('approver',), holder='Cleo')}"}
    for said in (INCOME, CONTRIBUTION):
        people.waiting(people.post("bank/postings", json=rows(people, "9000.00", said)))
    before = head(people.client)["entries"]
    with ThreadPoolExecutor(2) as clients:
        answers = list(clients.map(lambda asked: people.client.post(
            f"{MILLBROOK}/proposals/{asked[0]}/approval", headers=asked[1]), [(1, people.ben), (2, cleo)]))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert head(people.client)["entries"] == before + 2


def test_a_line_that_two_post_at_once_is_posted_once(people: People) -> None:
    asked = [rows(people, "40.00", said) for said in (INCOME, CONTRIBUTION)]
    before = head(people.client)["entries"]
    with ThreadPoolExecutor(2) as clients:
        answers = list(clients.map(lambda body: people.post("bank/postings", json=body), asked))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert head(people.client)["entries"] == before + 1
