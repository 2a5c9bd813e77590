"""A page is written in its reader's language as soon as there is a catalogue; what the books keep stays in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from exports import language
from tests.api.conftest import MILLBROOK, MakeKey
from tests.web.test_page_rights import POOL, browser

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "At a glance"
msgstr "Überblick"

msgid "There is no such page"
msgstr "Diese Seite gibt es nicht"

msgid "Choose a file, or paste its rows"
msgstr "Wählen Sie eine Datei"

msgid "Statement for {period}, issue {issue}"
msgstr "Abrechnung"

"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that nobody has translated anything else into."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "messages.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.languages.cache_clear()
    yield "de"
    language.languages.cache_clear()


@pytest.fixture
def reader(millbrook: TestClient, make_key: MakeKey) -> TestClient:
    """A browser of a finance officer's."""
    return browser(millbrook, make_key("millbrook"))


def test_a_page_is_in_the_language_that_the_browser_asks_for(german: str, reader: TestClient) -> None:
    for asked, tag, words in (("de-AT,en;q=0.5", "de", "Überblick"), ("fr", "en-GB", "At a glance"), ("", "en-GB",
                                                                                                 "At a glance")):
        answer = reader.get(POOL, headers={"Accept-Language": asked})
        assert f'<html lang="{tag}"' in answer.text, asked
        assert words in answer.text
        assert "Accept-Language" in answer.headers["Vary"]
    refusal = reader.get(f"{POOL}/statements/FY2024-Q1/services/none", headers={"Accept-Language": german})
    assert (refusal.status_code, "Diese Seite gibt es nicht" in refusal.text) == (404, True)


def test_a_language_chosen_here_goes_before_the_browsers(german: str, reader: TestClient) -> None:
    page = reader.get(f"{POOL}/entries?text=beds")
    assert '<a class="govuk-link" href="/language/de?to=%2Fpools%2Fmillbrook%2Fentries%3Ftext%3Dbeds"' in page.text
    assert 'lang="de" hreflang="de">Deutsch</a>' in page.text
    answer = reader.get("/language/de?to=/pools/millbrook/entries")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pools/millbrook/entries")
    assert "Überblick" in reader.get(POOL, headers={"Accept-Language": "en"}).text
    assert reader.get("/language/de?to=https://elsewhere.example/").headers["location"] == "/"


def test_what_a_form_changes_is_worked_out_in_english_and_answered_in_the_readers_language(
        german: str, reader: TestClient) -> None:
    headers = {"Accept-Language": german, "Origin": "https://testserver"}
    refused = reader.post(f"{POOL}/import", files={"file": b""}, headers=headers)
    assert (refused.status_code, "Wählen Sie eine Datei" in refused.text) == (422, True)
    assert reader.post(f"{POOL}/periods/FY2024-Q1/close", data={"x": "y"}, headers=headers).status_code == 303
    english, statement = (reader.get(f"{MILLBROOK}/statements/FY2024-Q1.json", headers={"Accept-Language": one}).text
                          for one in ("en", german))
    assert statement == english
    memo = reader.get(f"{MILLBROOK}/entries?kind=statement").json()["items"][0]["memo"]
    assert memo == "Statement for FY2024-Q1, issue 1"
