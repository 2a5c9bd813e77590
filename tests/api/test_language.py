"""Which language the interface answers in: what the request asks for, while codes and kept documents stay."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.api.conftest import MILLBROOK

SWEDISH = {"Accept-Language": "sv-SE, en;q=0.5"}


def test_a_refusal_is_in_the_language_asked_for(server: TestClient) -> None:
    english = server.get(f"{MILLBROOK}/periods")
    swedish = server.get(f"{MILLBROOK}/periods", headers=SWEDISH)
    assert english.json()["code"] == swedish.json()["code"] == "bearer-missing"
    assert english.json()["detail"] == "the request carries no API key"
    assert swedish.json()["detail"] == "begäran har ingen API-nyckel med sig"
    assert "Accept-Language" in swedish.headers["vary"]


def test_an_unknown_language_is_answered_in_english(server: TestClient) -> None:
    answer = server.get(f"{MILLBROOK}/periods", headers={"Accept-Language": "tlh"})
    assert answer.json()["detail"] == "the request carries no API key"


def test_a_language_chosen_on_a_page_goes_for_files_too(server: TestClient) -> None:
    answer = server.get(f"{MILLBROOK}/periods", headers={"Cookie": "poolbook_language=sv", "Accept-Language": "en"})
    assert answer.json()["detail"] == "begäran har ingen API-nyckel med sig"
