"""A whole year over HTTP: the published case from its agreement to every format of its statement."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path

from fastapi.testclient import TestClient

from api.shapes.statement import STATEMENT, Schema
from tests.api.conftest import CSV, YAML, head

CASE = Path(__file__).parents[2] / "examples" / "scottish-borders-2018"
BORDERS = "/v1/partnerships/scottish-borders"
QUARTERS = [f"FY2018-Q{n}" for n in range(1, 5)]


def test_the_published_year(admin: TestClient) -> None:
    keep_the_year(admin)
    statement = admin.get(f"{BORDERS}/statements/FY2018-Q4").json()
    shares = {name: line["share_of_variance"] for name, line in statement["partners"].items()}
    assert shares == {"council": "1632798.57", "nhs": "4367201.43"}
    assert statement["totals"]["variance"] == "6000000.00"
    _fits(statement, STATEMENT)
    _every_format_tells_it(admin)
    _an_extract_hides_the_other(admin)
    _it_goes_out_whole(admin)
    assert admin.get(f"{BORDERS}/verify").json()["sound"]


def keep_the_year(admin: TestClient) -> None:
    applied = admin.put(f"{BORDERS}/agreement", content=(CASE / "agreement.yaml").read_bytes(), headers=YAML)
    assert applied.status_code == 200
    assert applied.json()["changes"]
    for file in sorted(CASE.glob("*.csv")):
        posted = admin.post(f"{BORDERS}/events", content=file.read_bytes(), headers=CSV).json()
        assert posted["posted"] == file.read_text().count("\n") - 1
        again = admin.post(f"{BORDERS}/events", content=file.read_bytes(), headers=CSV).json()
        assert (again["posted"], again["skipped"]) == (0, posted["posted"])
        assert again["ledger"] == posted["ledger"]
    for quarter in QUARTERS:
        closed = admin.post(f"{BORDERS}/periods/{quarter}/close")
        assert closed.status_code == 200
        assert closed.json()["statement"]["indicative"] is (quarter != "FY2018-Q4")
    periods = admin.get(f"{BORDERS}/periods").json()["items"]
    assert [p["id"] for p in periods if p["status"] == "closed"] == QUARTERS


def _every_format_tells_it(admin: TestClient) -> None:
    issue = admin.get(f"{BORDERS}/statements").json()["items"][-1]
    assert (issue["period"], issue["issue"]) == ("FY2018-Q4", 1)
    document = admin.get(f"{BORDERS}/statements/FY2018-Q4.json").content
    assert hashlib.sha256(document).hexdigest() == issue["sha256"], "the kept document, to the byte"
    recorded = admin.get(f"{BORDERS}/entries/{issue['entry']}").json()
    assert recorded["details"]["sha256"] == issue["sha256"], "which the chain covers"
    for suffix, accept, start in (
            ("pdf", "application/pdf", b"%PDF"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
            ("html", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", b"<!")):
        named = admin.get(f"{BORDERS}/statements/FY2018-Q4.{suffix}")
        accepted = admin.get(f"{BORDERS}/statements/FY2018", headers={"Accept": accept})
        assert named.content == accepted.content, suffix
        assert named.content.lower().startswith(start.lower())
        assert named.headers["content-disposition"].endswith(f'filename="statement-FY2018-Q4.{suffix}"')
    workbook = admin.get(f"{BORDERS}/statements/FY2018-Q4.xlsx").content
    assert zipfile.ZipFile(BytesIO(workbook)).testzip() is None


def _an_extract_hides_the_other(admin: TestClient) -> None:
    extract = admin.get(f"{BORDERS}/statements/FY2018-Q4.json?partner=council").json()
    assert list(extract["partners"]) == ["council"]
    assert admin.get(f"{BORDERS}/statements/FY2018-Q4.html?partner=council").status_code == 200


def _it_goes_out_whole(admin: TestClient) -> None:
    entries = head(admin, BORDERS)["entries"]
    lines = admin.get(f"{BORDERS}/export.jsonl").text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, entries + 1))
    for format_name, words in (("beancount", 'option "operating_currency" "GBP"'), ("hledger", "commodity"),
                               ("csv", "number,date")):
        assert words in admin.get(f"{BORDERS}/export.{format_name}").text


def _fits(value: object, schema: Schema) -> None:
    """Holds a value against the schema that /openapi.json states, as far as that schema goes."""
    if "const" in schema:
        assert value == schema["const"]
    elif schema["type"] == "array":
        assert isinstance(value, list)
        for item in value:
            _fits(item, schema["items"])
    elif "properties" in schema:
        assert isinstance(value, dict)
        assert set(schema["required"]) <= set(value) <= set(schema["properties"])
        for key, item in value.items():
            _fits(item, schema["properties"][key])
    elif schema["type"] == "object":
        assert isinstance(value, dict)
        for item in value.values():
            _fits(item, schema["additionalProperties"])
    else:
        assert isinstance(value, {"string": str, "integer": int, "boolean": bool}[schema["type"]])
