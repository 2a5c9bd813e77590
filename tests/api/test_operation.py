"""What those who run a server see and rely on: ids, headers, logs without secrets, figures, and limits on the hasty."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from api import logs
from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.door import BEHIND_TLS, HEADERS, REQUEST_ID
from api.limits import Buckets, Rates, network
from api.refusals import SettingNotOneOf
from api.settings import Settings, from_environment
from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, SECRET, YAML, Clock, entry
from tests.api.test_refusals import refused

TOKEN = "a token of the tests, for figures"


class Seconds:
    """A clock that stands."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def serve(url: str, clock: Clock, **more: Any) -> FastAPI:
    """A server with settings of its own, whose buckets never fill: a slow machine may take minutes over a test."""
    return create_app(Settings(database=url, secret=SECRET, **more), clock, Seconds())


def key_of(app: FastAPI, clock: Clock) -> dict[str, str]:
    with app.state.engine.begin() as conn:
        return {"Authorization": f"Bearer {keys.create(conn, SECRET.encode(), None, 't', tuple(ROLES), clock())[1]}"}


# Headers and ids

def test_every_answer_has_its_headers(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [millbrook.get(path) for path in ("/health", "/openapi.json", "/nothing", f"{MILLBROOK}/periods",
                                                f"{MILLBROOK}/export.csv", f"{MILLBROOK}/entries?limit=0")]
    answers += [millbrook.delete("/health"), millbrook.get(f"{MILLBROOK}/periods", headers={"Authorization": ""})]
    monkeypatch.setattr("ledger.store.periods", lambda *_: 1 // 0)
    answers.append(millbrook.get(f"{MILLBROOK}/periods"))
    assert [one.status_code for one in answers] == [200, 200, 404, 200, 200, 422, 405, 401, 500]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS), answer.url
        assert not set(BEHIND_TLS) & {name.title() for name in answer.headers}
        assert answer.headers[REQUEST_ID]


def test_a_statement_keeps_its_own_policy(millbrook: TestClient) -> None:
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    policy = millbrook.get(f"{MILLBROOK}/statements/FY2024-Q1.html").headers["content-security-policy"]
    assert "style-src" in policy
    assert "script" not in policy


def test_behind_tls_browsers_are_told_to_stay_there(sqlite_url: str, clock: Clock) -> None:
    client = TestClient(serve(sqlite_url, clock), base_url="https://books")
    assert BEHIND_TLS.items() <= {name.title(): value for name, value in client.get("/health").headers.items()}.items()


@pytest.mark.parametrize(("asked", "kept"), [
    ("8c1f-22.a:b_c", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("<script>", False), ("", False),
    ("-a", False), ("a\u00e9", False)])
def test_a_sane_request_id_is_kept(server: TestClient, asked: str, kept: bool) -> None:
    found = server.get("/health", headers={REQUEST_ID: asked.encode()}).headers[REQUEST_ID]
    assert (found == asked) == kept
    assert kept or re.fullmatch("[0-9a-f]{32}", found)


def test_what_goes_wrong_tells_its_request_and_no_more(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch,
                                                       caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("ledger.store.periods", fail)
    answer = millbrook.get(f"{MILLBROOK}/periods", headers={REQUEST_ID: "req-1"})
    found = refused(answer, 500, "unexpected")
    assert found["errors"][0]["facts"] == {"request": "req-1"}
    assert "req-1" in found["remedy"]
    assert "secret of the house" not in answer.text
    assert "secret of the house" in caplog.text, "those who run the server see what it was"


def test_an_answer_that_breaks_off_is_not_taken_for_whole(millbrook: TestClient,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    def pieces(*_: object) -> Iterator[str]:
        yield "begun"
        raise RuntimeError("in the middle")

    monkeypatch.setattr("api.routes.proof._pieces", pieces)
    whole = TestClient(millbrook.app, headers=dict(millbrook.headers))
    with pytest.raises(RuntimeError):
        whole.get(f"{MILLBROOK}/export.csv")


def test_nothing_is_loaded_from_elsewhere(server: TestClient) -> None:
    assert {server.get(path).status_code for path in ("/docs", "/redoc")} == {404}


# The log

@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """The facts of each request that was logged."""
    caplog.set_level(logging.DEBUG)
    found: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(logs.AsJson().format(record)))

    keep = Keep()
    logs.REQUESTS.addHandler(keep)
    yield found
    logs.REQUESTS.removeHandler(keep)


def test_a_request_is_one_line(millbrook: TestClient, lines: list[dict[str, Any]]) -> None:
    millbrook.post(f"{MILLBROOK}/entries", json=[entry("J-1"), entry("J-2")], headers={REQUEST_ID: "req-2"})
    millbrook.get(f"{MILLBROOK}/entries?text=private")
    millbrook.get("/v1/nothing/of/the/kind")
    posted, read, nothing = lines
    assert posted.pop("milliseconds") >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", posted.pop("at"))
    assert re.fullmatch("key:[0-9a-f]{8}", posted.pop("actor"))
    first, last = posted.pop("entries")
    assert last == first + 1
    route = "/v1/partnerships/{partnership}/entries"
    assert posted == {"level": "info", "message": f"POST {route} 201", "request": "req-2", "method": "POST",
                      "route": route, "status": 201, "partnership": "millbrook"}
    assert "entries" not in read
    assert "private" not in json.dumps(read)
    assert (nothing["route"], nothing["status"], nothing["code"]) == (None, 404, "route-unknown")


def test_a_dry_run_and_a_refusal_make_no_entries(millbrook: TestClient, lines: list[dict[str, Any]]) -> None:
    millbrook.post(f"{MILLBROOK}/entries?dry_run=true", json=entry())
    millbrook.post(f"{MILLBROOK}/entries", json=entry(account="expenses:bedz"))
    assert [one["status"] for one in lines] == [200, 422]
    assert not [one for one in lines if "entries" in one]
    assert lines[1]["code"] == "account-unknown"


def test_no_secret_is_ever_logged(database_url: str, clock: Clock, capfd: pytest.CaptureFixture[str],
                                  tmp_path: Path) -> None:
    """Everything that any library logs at DEBUG in a session, with wrong keys and failures, is looked through."""
    app = serve(database_url, clock, metrics_token=TOKEN, log_level="debug")
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log = tmp_path / "log"
    try:
        logs.configure("debug", "json")
        for name in ("sqlalchemy.engine", "psycopg", "asyncio", "httpx"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        root.addHandler(logging.FileHandler(log))
        bearers = [key_of(app, clock)["Authorization"].removeprefix("Bearer ") for _ in range(2)]
        client = TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {bearers[0]}"})
        client.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML)
        client.post(f"{MILLBROOK}/events", content=EVENTS, headers=CSV)
        client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        client.get(f"{MILLBROOK}/periods?key={bearers[1]}", headers={"Authorization": f"Bearer {bearers[1]}"})
        client.get(f"{MILLBROOK}/periods", headers={"Authorization": f"Bearer {bearers[1]}x"})
        client.get(f"{MILLBROOK}/periods", headers={"Authorization": bearers[1], "X-Api-Key": bearers[1]})
        app.state.engine.dispose()
        app.state.engine = None
        client.get(f"{MILLBROOK}/periods")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name in ("sqlalchemy.engine", "psycopg", "asyncio", "httpx"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    text = log.read_text(encoding="utf-8") + capfd.readouterr().err
    assert "INSERT INTO batch" in text, "the statements are in it"
    assert "A request failed" in text
    ours = "\n".join(line for line in text.splitlines() if "HTTP Request" not in line)  # the test client's own words
    for secret in (*bearers, SECRET, TOKEN, *(one[4:] for one in bearers)):
        assert secret not in ours
    assert "2600.50" not in ours, "nor what the events say"


def test_a_line_of_text_is_one_line() -> None:
    record = logging.LogRecord("poolbook", logging.INFO, "", 0, "GET\n2024-01-01 forged", (), None)
    assert "\n" not in logs.AsText().format(record)
    assert "\n" not in logs.AsJson().format(record)


def test_settings_that_are_words() -> None:
    found = from_environment({"POOLBOOK_LOG_LEVEL": "WARNING", "POOLBOOK_METRICS_BY_PARTNERSHIP": "yes"})
    assert (found.log_level, found.metrics_by_partnership) == ("warning", True)
    for wrong in ({"POOLBOOK_LOG_LEVEL": "loud"}, {"POOLBOOK_METRICS_BY_PARTNERSHIP": "1"}):
        with pytest.raises(SettingNotOneOf):
            from_environment(wrong)


# Figures

def figures(client: TestClient, **headers: str) -> dict[str, float]:
    """Every figure by its name and labels."""
    found = client.get("/metrics", headers=headers)
    assert found.headers["content-type"].startswith("text/plain; version=")
    return {name: float(value) for name, value in re.findall(r"^([^#\s][^ ]*) (\S+)$", found.text, re.MULTILINE)}


def test_figures_count_what_is_done(millbrook: TestClient) -> None:
    before = figures(millbrook)
    millbrook.post(f"{MILLBROOK}/entries", json=[entry("J-1"), entry("J-2")])
    millbrook.post(f"{MILLBROOK}/entries", json=entry("J-3", account="expenses:bedz"))
    millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close?dry_run=true")
    millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close")
    millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close")
    found = figures(millbrook)
    route = "/v1/partnerships/{partnership}/entries"
    assert found[f'poolbook_requests_total{{method="POST",route="{route}",status="201"}}'] == 1
    assert found[f'poolbook_request_seconds_count{{method="POST",route="{route}"}}'] == 2
    assert found['poolbook_refusals_total{code="account-unknown"}'] == 1
    assert found['poolbook_refusals_total{code="period-already"}'] == 1
    assert found["poolbook_entries_total"] > before["poolbook_entries_total"] + 2, "the close makes entries too"
    assert found["poolbook_closes_total"] == before["poolbook_closes_total"] + 1 == 1
    assert found["poolbook_requests_under_way"] == 1, "this one"
    assert 'poolbook_database_connections{state="idle"}' in found
    assert "millbrook" not in "".join(found)


def test_figures_do_not_grow_with_what_is_made_up(server: TestClient) -> None:
    for i in range(20):
        server.request(f"M{i}", f"/nothing/{i}")
        server.get(f"/v1/partnerships/p{i}/periods")
    assert len([name for name in figures(server) if name.startswith("poolbook_requests_total")]) <= 4


def test_every_route_is_counted_under_its_template(millbrook: TestClient) -> None:
    wanted = set()
    for path, methods in millbrook.get("/openapi.json").json()["paths"].items():
        for method in methods:
            millbrook.request(method, re.sub(r"\{(\w+)\}", "1", path.replace("{partnership}", "millbrook")))
            wanted.add((method.upper(), path))
    counted = {match.group(1, 2) for name in figures(millbrook)
               if (match := re.match(r'poolbook_request_seconds_count\{method="(\w+)",route="(.+)"', name))}
    assert wanted <= counted


def test_figures_behind_a_token_and_by_partnership(sqlite_url: str, clock: Clock) -> None:
    app = serve(sqlite_url, clock, metrics_token=TOKEN, metrics_by_partnership=True)
    client = TestClient(app)
    for wrong in ("", f"Bearer {TOKEN}x", TOKEN, "Bearer é"):
        refused(client.get("/metrics", headers={"Authorization": wrong.encode()}), 401, "metrics-token-wrong")
    client.headers.update(key_of(app, clock))
    client.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML)
    found = figures(client, Authorization=f"Bearer {TOKEN}")
    assert found['poolbook_entries_total{partnership="millbrook"}'] == 1


# Rates

def test_a_bucket_empties_and_fills() -> None:
    now = Seconds()
    bucket = Buckets(60, clock=now)
    assert [bucket.draw("a") for _ in range(60)] == [0] * 60
    assert bucket.draw("a") == 1
    assert bucket.draw("b") == 0, "another's is full"
    now.at = 1
    assert (bucket.draw("a"), bucket.draw("a")) == (0, 1)
    now.at = 1_000
    assert [bucket.draw("a") for _ in range(61)] == [*[0] * 60, 1], "never more than full"


def test_buckets_do_not_grow() -> None:
    bucket = Buckets(1, most=3)
    for i in range(10):
        bucket.draw(str(i))
    assert len(bucket.known) == 3
    assert bucket.draw("9") > 0, "the one used last is remembered"


def test_made_up_keys_are_as_slow_as_none() -> None:
    rates = Rates(100, 3, Seconds())
    assert [rates.wait(f"pbk_{i}", "192.0.2.1")[2] for i in range(4)] == [0, 0, 0, 20]
    assert rates.wait("", "192.0.2.1")[2] > 0
    assert rates.wait("", "192.0.2.2")[2] == 0
    rates.found_good("pbk_good")
    assert [rates.wait("pbk_good", "192.0.2.1")[2] for _ in range(100)] == [0] * 100, "good ones behind it go on"
    assert rates.wait("pbk_good", "192.0.2.1")[:2] == ("this key or sign-in", 100)
    rates.found_wrong("pbk_good")
    assert rates.wait("pbk_good", "192.0.2.1")[0] == "this network address"
    assert not any("pbk" in name for name in (*rates.good, *rates.keys.known, *rates.addresses.known))


@pytest.mark.parametrize(("address", "one"), [
    ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ("testclient", "testclient"), ("", "")])
def test_who_is_one_caller(address: str, one: str) -> None:
    assert network(address) == one


def test_the_hasty_are_refused_before_the_database_is_asked(database_url: str, clock: Clock) -> None:
    app = serve(database_url, clock, key_rate=5, address_rate=3)
    client = TestClient(app)
    key = key_of(app, clock)
    asked: list[str] = []
    event.listen(app.state.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    statuses = [client.get(f"{MILLBROOK}/periods", headers=key).status_code for _ in range(8)]
    assert statuses == [404] * 6 + [429] * 2, "once by its address, five times by itself"
    before = len(asked)
    answer = client.get(f"{MILLBROOK}/periods", headers=key)
    found = refused(answer, 429, "too-many-requests")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["retry-after"] in found["remedy"]
    assert len(asked) == before
    assert [client.get(f"{MILLBROOK}/periods").status_code for _ in range(4)] == [401, 401, 429, 429]
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 429


def test_a_key_that_was_refused_has_no_bucket(database_url: str, clock: Clock) -> None:
    app = serve(database_url, clock)
    client = TestClient(app)
    statuses = [client.get(f"{MILLBROOK}/periods", headers={"Authorization": f"Bearer pbk_{i}"}).status_code
                for i in range(Settings().address_rate + 50)]
    assert set(statuses) == {401, 429}
    answer = client.get(f"{MILLBROOK}/periods", headers=key_of(app, clock))
    assert answer.status_code == 429, "new here, and the address is spent"
