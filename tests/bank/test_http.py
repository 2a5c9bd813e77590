"""The bank over HTTP in two calls, with the rights of one who posts, and the workbook of entries."""

from __future__ import annotations

import re
from email.message import Message
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api import uploads
from api.access.rights import ROLES
from api.bodies import Given
from exports.faces import FORMATS
from tests.api.conftest import CSV, MILLBROOK, MakeKey, clock, head, make_key, millbrook, server
from tests.api.conftest import admin as admin
from tests.bank.files import Entry, Stmt, Tx, camt
from tests.bank.test_entry_template import filled_in
from tests.web.test_page_rights import POOL, browser

__all__ = ["clock", "make_key", "millbrook", "server"]
XML, XLSX = {"Content-Type": "application/xml"}, {"Content-Type": FORMATS["xlsx"].media_type}
ORIGIN = {"Origin": "https://testserver"}
STATEMENT = camt([Stmt("S-1", "0.00", [
    Entry("1000.00", "2024-04-05", "B-1", [Tx("MILLBROOK COUNCIL")]),
    Entry("1500.00", "2024-04-08", "B-2", [Tx("NHS MILLBROOK")]),
    Entry("-2600.50", "2024-06-03", "B-3", [Tx("Beds Ltd", ["INV-1"])])], day="2024-06-30")])


def suggested(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.post(f"{MILLBROOK}/bank/suggestions", content=STATEMENT, headers=XML, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_suggest_then_post_what_was_accepted(millbrook: TestClient) -> None:
    before = head(millbrook)
    found = suggested(millbrook)
    assert head(millbrook) == before
    assert found["strengths"] == {"in the books": 2, "certain": 1}
    assert found["reconciled"][0]["not_in_books"] == "-2600.50"
    accepted = {"rows": [{**row, "accept": "yes" if row["event"] else ""} for row in found["rows"]]}
    tried = millbrook.post(f"{MILLBROOK}/bank/postings", json=accepted, params={"dry_run": True})
    assert (tried.json()["posted"], head(millbrook)) == (1, before)
    done = millbrook.post(f"{MILLBROOK}/bank/postings", json=accepted, headers={"Idempotency-Key": "k"}).json()
    assert (done["posted"], done["skipped"], done["lines"], done["left"]) == (1, 0, 1, [])
    assert millbrook.post(f"{MILLBROOK}/bank/postings", json=accepted).json()["skipped"] == 1
    assert suggested(millbrook)["reconciled"][0]["not_in_books"] == "0.00"


def test_strengths_can_be_accepted_as_a_whole(millbrook: TestClient) -> None:
    rows = {"rows": suggested(millbrook)["rows"]}
    assert millbrook.post(f"{MILLBROOK}/bank/postings", json=rows).json()["posted"] == 0
    assert millbrook.post(f"{MILLBROOK}/bank/postings", json=rows, params={"accept": "certain"}).json()["posted"] == 1


def test_accounts_and_columns_are_said_in_the_query(millbrook: TestClient) -> None:
    text = "Posted,Worth,Account\n2024-04-05,1000.00,GB1\n2024-04-08,1500.00,GB2\n"
    found = millbrook.post(f"{MILLBROOK}/bank/suggestions", content=text, headers=CSV, params={
        "column": ["amount=Worth"], "account": ["GB1=core"]}).json()
    assert [row["line"] for row in found["rows"]] == [found["rows"][0]["line"]]
    assert (found["reconciled"][0]["accounts"], found["reconciled"][0]["funds"]) == (["GB1"], ["core"])
    assert found["reconciled"][0]["bank"] is None


def test_what_is_wrong_is_told_with_its_place(millbrook: TestClient) -> None:
    spoilt = STATEMENT.replace(b"2600.50</Amt>", b"2600.5x</Amt>", 1)
    problem = millbrook.post(f"{MILLBROOK}/bank/suggestions", content=spoilt, headers=XML).json()
    assert problem["code"] == "bank-value-wrong"
    assert problem["errors"][0]["place"]["field"].endswith("Ntry[3]/Amt")
    rows = [{**row, "accept": "perhaps"} for row in suggested(millbrook)["rows"]]
    problem = millbrook.post(f"{MILLBROOK}/bank/postings", json={"rows": rows}).json()
    assert [fault["code"] for fault in problem["errors"]] == ["bank-accept-unclear"] * 3
    assert millbrook.post(f"{MILLBROOK}/bank/suggestions", content="x", headers=XLSX).status_code == 415


def test_only_one_who_posts_may(millbrook: TestClient, make_key: MakeKey) -> None:
    for role, may in ROLES.items():
        bearer = {"Authorization": f"Bearer {make_key('millbrook', (role,))}"}
        for path, body in (("suggestions", {"content": STATEMENT, "headers": {**bearer, **XML}}),
                           ("postings", {"json": {"rows": []}, "headers": bearer})):
            status = millbrook.post(f"{MILLBROOK}/bank/{path}", **body).status_code  # type: ignore[arg-type]
            assert status == (200 if "post" in may else 403), (role, path)


def test_the_workbook_of_entries_is_given_and_taken(millbrook: TestClient) -> None:
    given = millbrook.get(f"{MILLBROOK}/events/template.xlsx")
    assert given.headers["content-type"] == XLSX["Content-Type"]
    rows = [{"date": "2024-05-20", "event": "expenditure", "service": "beds", "amount": 12.5, "reference": "0007"}]
    sent = filled_in(given.content, rows)
    assert millbrook.post(f"{MILLBROOK}/events", content=sent, headers=XLSX, params={"dry_run": True}).json()[
        "posted"] == 1
    assert millbrook.post(f"{MILLBROOK}/events", content=sent, headers=XLSX).json()["posted"] == 1
    (entry,) = millbrook.get(f"{MILLBROOK}/entries", params={"reference": "0007"}).json()["items"]
    assert entry["date"] == "2024-05-20"
    problem = millbrook.post(f"{MILLBROOK}/events", headers=XLSX, content=filled_in(
        given.content, [{**rows[0], "reference": "8", "service": "bedz"}])).json()
    assert (problem["code"], problem["errors"][0]["place"]["field"]) == ("service-unknown", "Events!C6")
    assert "did you mean beds" in problem["remedy"]


def test_the_pages_of_a_statement_come_as_several_files(millbrook: TestClient) -> None:
    first = camt([Stmt("S-1", "0.00", [Entry("1000.00", "2024-04-05", "B-1", [Tx("MILLBROOK COUNCIL")])],
                       codes=("OPBD", "ITBD"))], page=(1, False))
    last = camt([Stmt("S-1", "1000.00", [Entry("1500.00", "2024-04-08", "B-2", [Tx("NHS MILLBROOK")])],
                      codes=("ITBD", "CLBD"))], page=(2, True))
    both = [("file", ("one.xml", first)), ("file", ("two.xml", last))]
    answer = millbrook.post(f"{MILLBROOK}/bank/suggestions", files=both, params={"account": []})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["lines"], answer.json()["reconciled"][0]["bank"]) == (2, "2500.00")
    problem = millbrook.post(f"{MILLBROOK}/bank/suggestions", files=both[1:]).json()
    assert problem["code"] == "bank-page-missing"
    spoilt = [both[0], ("file", ("C:\\x\\two.xml", b"<a>"))]
    broken = millbrook.post(f"{MILLBROOK}/bank/suggestions", files=spoilt).json()
    assert broken["errors"][0]["place"]["file"] == "two.xml"


def test_a_form_without_a_file_is_no_statement_that_says_nothing(millbrook: TestClient) -> None:
    answer = millbrook.post(f"{MILLBROOK}/bank/suggestions", files=[("files", ("one.xml", STATEMENT))])
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")


FORM = {"Content-Type": "multipart/form-data; boundary=b0"}


def test_forms_within_forms_are_not_looked_into(millbrook: TestClient) -> None:
    deep = b"".join(b'--b%d\r\nContent-Disposition: form-data; name="file"; filename="deep.csv"\r\n'
                    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(800))
    answer = millbrook.post(f"{MILLBROOK}/bank/suggestions", content=deep, headers=FORM)
    assert (answer.status_code, answer.json()["code"]) == (422, "bank-columns-unclear"), "one file"


def test_of_too_many_parts_none_is_read(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    plain = uploads._headed

    def noted(content: bytes) -> Message:
        read.append(content)
        return plain(content)

    monkeypatch.setattr(uploads, "_headed", noted)
    answer = millbrook.post(f"{MILLBROOK}/bank/suggestions", content=b"--b0\r\n\r\n\r\n" * 5_000, headers=FORM)
    assert (answer.status_code, answer.json()["code"], len(read)) == (400, "request-malformed", 1)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_form_is_split_between_its_parts_and_nowhere_else(end: str) -> None:
    lines = ["before", "--b0", 'Content-Disposition: form-data; name="account"', "", "GB1", "--b0  ",
             'Content-Disposition: form-data; name="file"; filename="a.csv"', "", "x--b0", "--b00", "", "--b0",
             'Content-Disposition: form-data; name="file"; filename=""', "", "", "--b0--", "--b0", "", "after"]
    body = end.join(lines).encode()
    request = Request({"type": "http", "headers": [(b"content-type", FORM["Content-Type"].encode())]})
    given = Given("POST", "/", "", uploads.UPLOAD[0], body, None, 10**6)
    assert list(uploads.parts(request, given)) == [
        uploads.Part("account", "", b"GB1"), uploads.Part("file", "a.csv", f"x--b0{end}--b00{end}".encode()),
        uploads.Part("file", "", b"")]


def test_one_reference_of_two_accounts_read_one_after_the_other_is_two_lines(millbrook: TestClient) -> None:
    """Each holds another fund's money, so that the books know whose line it was."""
    def row_of(account: str, fund: str) -> dict[str, Any]:
        text = f"Date,Amount,Account,Transaction ID,Description\n2024-07-05,100.00,{account},INT,interest\n"
        found = millbrook.post(f"{MILLBROOK}/bank/suggestions", content=text, headers=CSV,
                               params={"account": f"{account}={fund}"}).json()["rows"]
        assert len(found) == 1
        row: dict[str, Any] = found[0]
        return row

    for account, fund in (("A1", "core"), ("A2", "carers")):
        row = row_of(account, fund)
        assert row["strength"] == "unmatched", account
        said = {**row, "accept": "yes", "event": "income", "fund": fund, "amount": "100.00"}
        assert millbrook.post(f"{MILLBROOK}/bank/postings", json={"rows": [said]}).json()["posted"] == 1
    assert [row_of(*one)["strength"] for one in (("A1", "core"), ("A2", "carers"))] == ["in the books"] * 2


def ticked(reader: TestClient, page: str, **more: str) -> Any:
    """Confirms the suggestions of a page with its first line ticked."""
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    first = re.search(r'name="accept" type="checkbox" value="(\d+)"', page)
    assert sealed is not None
    assert first is not None
    return reader.post(f"{POOL}/bank/confirmed", data={"sealed": sealed[1], "accept": first[1], **more},
                       headers=ORIGIN)


def test_what_was_ticked_stays_so_where_it_cannot_be_posted(millbrook: TestClient, make_key: MakeKey) -> None:
    reader = browser(millbrook, make_key("millbrook"))
    page = reader.post(f"{POOL}/bank", files={"file": ("b.xml", STATEMENT)}, headers=ORIGIN).text
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    before = head(millbrook)
    again = ticked(reader, page)
    assert (again.status_code, head(millbrook)) == (422, before)
    assert "Nothing was kept: 1 fault to mend" in again.text
    assert "Tick \u201cWhat belongs to a closed period goes into the open one, marked\u201d, or open" in again.text
    said = "Beds Ltd, −2,600.50</a>: 2024-06-03 lies in FY2024-Q1, which is closed"
    assert re.search(rf'<li><a href="#accept-\d+">{said}', again.text)
    assert len(re.findall(r'name="accept" type="checkbox" value="\d+" checked', again.text)) == 1
    done = ticked(reader, again.text, late="yes")
    assert (done.status_code, done.headers["location"]) == (303, "/pools/millbrook/bank?posted=1&left=0")
