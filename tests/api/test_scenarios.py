"""Scenarios over HTTP: begun from the books as they stand, made again from their id, read when they come back."""

from __future__ import annotations

import io

from fastapi.testclient import TestClient
from openpyxl import load_workbook

from tests.api.conftest import CSV, MILLBROOK, MakeKey, head
from tests.api.test_keys import bearer
from tests.api.test_refusals import refused
from tests.scenario import damage as do

XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MORE = "date,event,service,amount,reference\n2024-08-01,expenditure,beds,10.00,INV-9\n"


def test_a_scenario_is_begun_changed_and_read(millbrook: TestClient) -> None:
    before = head(millbrook)
    begun = millbrook.post(f"{MILLBROOK}/scenarios", json={}).json()
    assert (begun["year"], begun["as_at"], begun["entries"]) == ("FY2024", "FY2024-Q2", before["entries"])
    assert millbrook.post(f"{MILLBROOK}/scenarios").json() == begun, "a body may say which year; it need not be there"
    where = f"{MILLBROOK}/scenarios/{begun['id']}"
    assert millbrook.get(where).json() == begun
    content = millbrook.get(f"{where}.xlsx").content
    sheet = load_workbook(io.BytesIO(content))["Inputs"]
    rows = {row[11].value: row[6].coordinate for row in sheet.iter_rows(min_row=6)}
    changed = do.number("Inputs", rows["in_actual_beds"], "12000")(content)
    read = millbrook.post(f"{where}/workbook", content=changed, headers=XLSX)
    assert read.status_code == 200, read.text
    assert [(one["input"], one["scenario"]) for one in read.json()["changes"]] == [("actual.beds", "12000.00")]
    assert {p: figures["share_of_variance"]["scenario"] for p, figures in read.json()["partners"].items()} == {
        "council": "499.50", "nhs": "1200.00"}, "2,000 by 40 : 60, less what respite is expected to leave"
    assert head(millbrook) == before, "nothing is recorded"


def test_one_that_is_named_is_kept_with_who_worked_it_out(millbrook: TestClient) -> None:
    begun = millbrook.post(f"{MILLBROOK}/scenarios", json={}).json()
    where = f"{MILLBROOK}/scenarios/{begun['id']}"
    content = millbrook.get(f"{where}.xlsx").content
    assert millbrook.get(f"{MILLBROOK}/scenarios").json() == {"items": []}
    again = {**XLSX, "Idempotency-Key": "upload-1"}
    read = millbrook.post(f"{where}/workbook", params={"name": "As it is"}, content=content, headers=again)
    assert (read.status_code, read.json()["kept"]) == (200, 1), read.text
    assert millbrook.post(f"{where}/workbook", params={"name": "As it is"}, content=content,
                          headers=again).json() == read.json(), "a repeated request keeps it once"
    (one,) = millbrook.get(f"{MILLBROOK}/scenarios").json()["items"]
    assert (one["name"], one["scenario"], one["head"]) == ("As it is", begun["id"], begun["head"])
    assert one["author"].startswith("key:")
    assert one["roles"]
    assert one["changes"] == []
    assert millbrook.get(f"{where}/kept/1").json() == read.json()
    refused(millbrook.get(f"{where}/kept/2"), 404, "scenario-not-kept")


def test_its_workbook_stays_the_same_whatever_is_recorded_later(millbrook: TestClient) -> None:
    begun = millbrook.post(f"{MILLBROOK}/scenarios", json={"year": "FY2024"}).json()
    where = f"{MILLBROOK}/scenarios/{begun['id']}.xlsx"
    before = millbrook.get(where).content
    assert millbrook.post(f"{MILLBROOK}/events", content=MORE, headers=CSV).status_code == 200
    assert millbrook.get(where).content == before


def test_one_that_rests_on_other_books_is_refused(millbrook: TestClient) -> None:
    begun = millbrook.post(f"{MILLBROOK}/scenarios", json={}).json()
    where = f"{MILLBROOK}/scenarios/{begun['id']}"
    content = do.in_base("Millbrook Council", "Millbrook District")(millbrook.get(f"{where}.xlsx").content)
    refused(millbrook.post(f"{where}/workbook", content=content, headers=XLSX), 422, "scenario-base-damaged")
    refused(millbrook.post(f"{where}/workbook", content=b"a,b\n", headers=XLSX), 422, "workbook-unreadable")
    refused(millbrook.post(f"{where}/workbook", content=b"a,b\n", headers={"Content-Type": "text/csv"}), 415,
            "content-type-unsupported")


def test_what_was_never_begun_is_not_found(millbrook: TestClient) -> None:
    refused(millbrook.get(f"{MILLBROOK}/scenarios/FY2024-999"), 404, "scenario-unknown")
    refused(millbrook.get(f"{MILLBROOK}/scenarios/next-year"), 422, "request-invalid")
    refused(millbrook.post(f"{MILLBROOK}/scenarios", json={"year": "FY2010"}), 422, "scenario-year-unknown")


def test_it_takes_the_right_to(millbrook: TestClient, make_key: MakeKey) -> None:
    reader, bound = (bearer(make_key("millbrook", (role,), partner=partner))
                     for role, partner in (("board-reader", ""), ("commissioner", "nhs")))
    for key in (reader, bound):
        refused(millbrook.post(f"{MILLBROOK}/scenarios", json={}, headers=key), 403, "right-missing")
