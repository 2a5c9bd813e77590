"""Negotiations over HTTP: options worked out from the books as they stand, in every format; nothing is recorded."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.shapes.negotiations import MOST
from tests.api.conftest import AGREEMENT as TERMS
from tests.api.conftest import CSV, MILLBROOK, MakeKey, head
from tests.api.test_keys import bearer
from tests.api.test_refusals import refused
from tests.negotiation.samples import TEXT


def ask(client: TestClient, accept: str = "application/json", **body: Any) -> Any:
    return client.post(f"{MILLBROOK}/negotiations", json=body, headers={"Accept": accept})


DEARER = {"name": "dearer", "changes": {"growth.beds": "10"}}


def test_options_are_worked_out_from_the_books_as_they_stand(millbrook: TestClient) -> None:
    before = head(millbrook)
    equal = {"name": "equal", "agreement": TERMS.replace("{share: {by: contribution}}", "{share: {by: equal}}")}
    answer = ask(millbrook, options=[DEARER, equal])
    assert answer.status_code == 200, answer.text
    data = answer.json()
    assert data["ledger"] == {"entries": before["entries"], "head": before["head"]}
    assert [(one["name"], one["kind"]) for one in data["options"]] == [
        ("Today", "today"), ("dearer", "scenario"), ("equal", "rules")]
    assert data["options"][2]["total"] == data["options"][0]["total"]
    assert data["options"][1]["total"] != data["options"][0]["total"]
    assert head(millbrook) == before, "nothing is recorded"


@pytest.mark.parametrize(("media", "begins"), [
    ("application/pdf", b"%PDF"), ("text/html", b"<!DOCTYPE"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK")])
def test_a_pack_comes_in_the_format_preferred(millbrook: TestClient, media: str, begins: bytes) -> None:
    answer = ask(millbrook, media, options=[DEARER])
    assert answer.headers["content-type"].startswith(media)
    assert answer.content.startswith(begins)


def test_a_pack_speaks_the_readers_language(millbrook: TestClient) -> None:
    page = millbrook.post(f"{MILLBROOK}/negotiations", json={"options": [DEARER]},
                          headers={"Accept": "text/html", "Accept-Language": "sv"}).text
    assert '<html lang="sv"' in page
    assert "ökning i efterfrågan eller pris" in page
    assert "growth in demand or price" not in page


def test_a_workbook_is_an_option(millbrook: TestClient) -> None:
    begun = millbrook.post(f"{MILLBROOK}/scenarios", json={}).json()["id"]
    workbook = base64.b64encode(millbrook.get(f"{MILLBROOK}/scenarios/{begun}.xlsx").content).decode()
    data = ask(millbrook, options=[{"name": "as it is", "workbook": workbook}]).json()
    assert set(data["options"][1]["change"].values()) == {"0.00"}


@pytest.mark.parametrize(("option", "status", "code"), [
    ({"name": "x", "changes": {"growth.bedz": "1"}}, 422, "lever-unknown"),
    ({"name": "x", "changes": {"growth.beds": "much"}}, 422, "scenario-input-not-number"),
    ({"name": "x", "changes": {"growth.beds": "1e9"}}, 422, "scenario-input-range"),
    ({"name": "x", "workbook": "not base64!"}, 422, "request-invalid"),
    ({"name": "x", "workbook": "AAAA"}, 422, "workbook-unreadable"),
    ({"name": "x", "agreement": TEXT}, 422, "option-other-partnership"),
    ({"name": "Today", "changes": {}}, 422, "option-name-twice"),
    ({"name": "x"}, 422, "request-invalid"),
    ({"name": "x", "changes": {}, "agreement": ""}, 422, "request-invalid")])
def test_what_cannot_be_an_option_is_refused(millbrook: TestClient, option: dict[str, Any], status: int,
                                             code: str) -> None:
    refused(ask(millbrook, options=[option]), status, code)


def test_a_request_has_few_options(millbrook: TestClient) -> None:
    refused(ask(millbrook, options=[{**DEARER, "name": f"n{n}"} for n in range(MOST + 1)]), 422, "request-invalid")
    refused(ask(millbrook, options=[]), 422, "request-invalid")
    refused(ask(millbrook, "image/png", options=[DEARER]), 406, "not-acceptable")


def test_it_takes_the_right_to_scenarios(millbrook: TestClient, make_key: MakeKey) -> None:
    reader = bearer(make_key("millbrook", ("board-reader",)))
    answer = millbrook.post(f"{MILLBROOK}/negotiations", json={"options": [DEARER]}, headers=reader)
    refused(answer, 403, "right-missing")


CHANCES = "{seed: 7, draws: 40, services: {beds: {demand: {normal: {mean: 5, sd: 8}}}}}"
FAIR = "{cost: 90, parties: [council, nhs], alone: {council: 60, nhs: 50}}"


def test_chances_and_a_question_of_fairness_come_with_it(millbrook: TestClient) -> None:
    data = ask(millbrook, options=[DEARER], chances=CHANCES, fair=FAIR,
               record="later_years: [{growth: 3}]").json()
    assert [one["exposure"]["years"] for one in data["options"]] == [40, 40]
    assert list(data["options"][0]["years"]) == ["FY2024", "FY2025"]
    amounts = {one["method"]: one["amounts"] for one in data["division"]["methods"]}
    assert amounts["nucleolus"] == {"council": "50.00", "nhs": "40.00"}


def test_exposure_of_the_books_as_they_stand(millbrook: TestClient) -> None:
    before = head(millbrook)
    answer = millbrook.post(f"{MILLBROOK}/scenarios/exposure", json={"chances": CHANCES})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["seed"], answer.json()["years"]) == (7, 40)
    assert answer.json() == ask(millbrook, options=[DEARER], chances=CHANCES).json()["options"][0]["exposure"]
    assert head(millbrook) == before, "nothing is recorded"


def test_a_cost_is_divided_by_every_method(millbrook: TestClient) -> None:
    found = millbrook.post(f"{MILLBROOK}/scenarios/divide", json={"fair": FAIR}).json()
    assert (found["divided"], found["core"]["empty"]) == ("cost", False)


@pytest.mark.parametrize(("path", "body", "code"), [
    ("exposure", {"chances": CHANCES.replace("40", "5001")}, "draws-too-many"),
    ("exposure", {"chances": CHANCES.replace("beds:", "bedz:")}, "service-not-simulated"),
    ("exposure", {"chances": "seed: x"}, "value-wrong"),
    ("exposure", {}, "request-invalid"),
    ("divide", {"fair": "{cost: 90, parties: [council, council]}"}, "terms-wrong"),
    ("divide", {"fair": FAIR, "currency": "EUR"}, "request-invalid")])
def test_what_cannot_be_drawn_or_divided_is_refused(millbrook: TestClient, path: str, body: dict[str, str],
                                                    code: str) -> None:
    refused(millbrook.post(f"{MILLBROOK}/scenarios/{path}", json=body), 422, code)


def test_all_options_of_a_request_draw_together(millbrook: TestClient) -> None:
    refused(ask(millbrook, options=[DEARER], chances=CHANCES.replace("40", "2501")), 422, "draws-too-many")


def test_exposure_and_division_take_the_right_to_scenarios(millbrook: TestClient, make_key: MakeKey) -> None:
    reader = bearer(make_key("millbrook", ("board-reader",)))
    for path, body in (("exposure", {"chances": CHANCES}), ("divide", {"fair": FAIR})):
        refused(millbrook.post(f"{MILLBROOK}/scenarios/{path}", json=body, headers=reader), 403, "right-missing")


def test_one_that_is_named_is_kept_with_what_was_asked_and_what_came_of_it(millbrook: TestClient) -> None:
    where, again = f"{MILLBROOK}/negotiations", {"Idempotency-Key": "spring-1"}
    body = {"options": [DEARER], "chances": CHANCES, "fair": FAIR}
    assert millbrook.get(where).json() == {"items": []}
    before = head(millbrook)
    done = millbrook.post(where, params={"name": "Spring round"}, json=body, headers=again)
    assert (done.status_code, done.json()["kept"]) == (200, 1), done.text
    assert millbrook.post(where, params={"name": "Spring round"}, json=body, headers=again).json() == done.json()
    assert head(millbrook) == before, "nothing is posted"
    (one,) = millbrook.get(where).json()["items"]
    assert (one["name"], one["options"], one["head"]) == ("Spring round", ["Today", "dearer"], before["head"])
    assert one["author"].startswith("key:")
    kept = millbrook.get(f"{where}/1").json()
    asked = kept.pop("asked")
    assert kept == done.json()
    assert asked == {**body, "year": "FY2024", "entries": before["entries"]}
    refused(millbrook.get(f"{where}/2"), 404, "negotiation-not-kept")


def test_the_pack_of_one_that_is_kept_stays_the_same_whatever_is_recorded_later(millbrook: TestClient) -> None:
    where = f"{MILLBROOK}/negotiations"
    millbrook.post(where, params={"name": "Spring round"}, json={"options": [DEARER]})
    first = millbrook.get(f"{where}/1", headers={"Accept": "text/html"}).content
    more = "date,event,service,amount,reference\n2024-08-01,expenditure,beds,10.00,INV-9\n"
    assert millbrook.post(f"{MILLBROOK}/events", content=more, headers=CSV).status_code == 200
    assert millbrook.get(f"{where}/1", headers={"Accept": "text/html"}).content == first
    assert first.startswith(b"<!DOCTYPE")


def test_kept_negotiations_take_the_right_to_scenarios(millbrook: TestClient, make_key: MakeKey) -> None:
    reader = bearer(make_key("millbrook", ("board-reader",)))
    for path in ("negotiations", "negotiations/1"):
        refused(millbrook.get(f"{MILLBROOK}/{path}", headers=reader), 403, "right-missing")
