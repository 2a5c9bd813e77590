"""What people do wrong on pages, and what they are told: in the words of the form, with a way on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.shapes.entries import PostingOut
from api.web import sign_in
from api.web.page import moved
from tests.api.conftest import EVENTS, SECRET
from tests.web.conftest import Site, Visit
from tests.web.test_page_rights import page_routes
from tests.web.test_tasks import entries, imports, site

__all__ = ["site"]  # the fixture
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PROGRAMMERS = re.compile(r"\^\[|openapi|postings\[|the body|the query")


@pytest.mark.parametrize(("amount", "told"), [
    ("1,000.00", "Line 3, amount: '1,000.00' is not an amount of money"),
    ("<b>1</b>", "Line 3, amount: '<b>1</b>' is not an amount of money"),
    ("£10", "Line 3, amount: '£10' is not an amount of money"), ("", "Line 3, amount: '' is not an amount of money"),
    ("10.005", "Line 3, amount: 10.005 has more than the 2 decimals"),
    ("9" * 40, "Line 3, amount: ")])
def test_an_amount_that_is_none_is_told_with_its_line(site: Site, visit: Visit, amount: str, told: str) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/post"))
    page.fill("#reference", "J-1")
    page.fill("#account-3", "assets:bank:core")
    page.fill("#amount-3", amount)
    page.click("main button[type=submit]")
    said = page.inner_text("main")
    assert told in said
    assert not PROGRAMMERS.search(said)
    assert page.get_attribute(".govuk-error-summary a", "href") == "#amount-3"
    assert page.locator("[aria-invalid=true]").get_attribute("id") == "amount-3"
    assert page.input_value("#amount-3") == amount, "what was filled in is still there"
    assert page.input_value("#reference") == "J-1"


def test_the_form_of_an_entry_is_seen_whole_on_a_desk(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    page.goto(site.at("/post"))
    within, whole = page.evaluate("(({clientWidth, scrollWidth}) => [clientWidth, scrollWidth])("
                                  "document.querySelector('.poolbook-scroll'))")
    assert whole <= within, "nobody fills in a column that is out of sight"


def test_a_minus_as_our_own_pages_write_it_is_taken(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/post"))
    page.fill("#date", "2024-05-01")
    page.fill("#reference", "J-1")
    for line, account, amount in ((1, "assets:bank:core", "10.00"), (2, "equity:opening", "\u221210.00")):
        page.fill(f"#account-{line}", account)
        page.fill(f"#amount-{line}", amount)
        page.select_option(f"#fund-{line}", "core")
    page.click("main button[type=submit]")
    assert "is not an amount" not in page.inner_text("main")
    assert "not balance" not in page.inner_text("main")


def test_fields_are_called_what_the_form_calls_them(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/entries?amount=1%2C000.00"))
    said = page.inner_text("main")
    assert "Amount: an amount is written as in 1250.50" in said
    assert not PROGRAMMERS.search(said)
    page.goto(site.at("/post"))
    page.fill("#reference", "J-1")
    page.click("main button[type=submit]")
    said = page.inner_text("main")
    assert "Lines: at least 2 items are wanted" in said
    assert not PROGRAMMERS.search(said)


def test_a_page_that_is_not_there_is_a_page_for_people_and_a_problem_for_programs(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    for path in ("/nowhere", "/pools/millbrook/nowhere", "/pools/millbrook/entries/1/nothing"):
        answer = page.goto(site.address + path)
        assert answer is not None
        assert (answer.status, page.inner_text("h1")) == (404, "There is no such page"), path
        assert page.locator("main a").count(), "there is a way on"
        assert httpx.get(site.address + path).headers["content-type"] == "application/problem+json", path
    answer = httpx.get(f"{site.address}/v1/partnerships/millbrook/nothing", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_fails_unforeseen_and_who_asks_too_often_is_told_on_a_page(sqlite_template: Path, tmp_path: Path,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'books.db'}", secret=SECRET, address_rate=2),
                     ticks=lambda: 0)  # however long it takes, nobody may ask again
    monkeypatch.setattr(sign_in, "draw", lambda *_: 1 // 0)
    with TestClient(app, raise_server_exceptions=False) as client:
        for status, heading in ((500, "This could not be done"), (500, ""), (429, "This could not be done")):
            answer = client.get("/sign-in", headers=BROWSER if heading else {})
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("text/html" if heading else "application/problem+json")
            assert heading in answer.text
            assert "ZeroDivision" not in answer.text


def test_the_address_of_a_form_s_answer_leads_back_to_the_form(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    for path in ("/import/confirmed", "/bank/confirmed", "/entries/1/reversal"):
        page.goto(site.at(path))
        assert page.url == site.at(path.rpartition("/")[0])
    page.goto(f"{site.address}/sign-out")
    assert page.url.startswith(site.address)
    assert page.locator("h1").count() == 1


def test_every_address_that_only_takes_a_form_stands_below_a_page() -> None:
    pages = {route.path for route in page_routes() if "GET" in route.methods}
    lone = {route.path for route in page_routes()} - pages
    assert lone
    for path in lone:
        assert (path.rpartition("/")[0] or "/") in pages, f"{path} leads nobody back"


def test_a_closed_period_is_not_offered_to_be_closed(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(holder="Ada"))
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    page.goto(site.at("/periods/FY2024-Q1/close"))
    page.click("main button[type=submit]")
    second = visit(site, site.key(("approver",), holder="Ben"))
    second.goto(site.at("/proposals/1"))
    second.click("text=Approve: do exactly this")
    page.goto(site.at("/periods/FY2024-Q1/close"))
    assert "FY2024-Q1 is closed already." in page.inner_text("main")
    assert page.locator("main button").count() == 0
    page.click("text=Read its statement")
    assert page.url == site.at("/statements/FY2024-Q1")


def test_a_file_of_nothing_new_says_so_twice_and_keeps_nothing(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    before = entries(page, site)
    imports(page, site, EVENTS)
    assert page.locator("main button").count() == 0, "there is nothing to post"
    page.goto(site.at("/import?known=4"))
    assert "All 4 events of that file are in the books already." in page.inner_text("main")
    assert entries(page, site) == before


def test_a_confirmation_that_is_sent_again_says_what_it_came_to(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    imports(page, site, EVENTS)
    sealed = page.get_attribute("input[name=sealed]", "value")
    form = {"multipart": {"sealed": sealed}, "headers": {"Origin": site.address}}
    for came_to in ("/entries?cursor=", "/import?known=4"):
        answer = page.context.request.post(site.at("/import/confirmed"), **form)  # type: ignore[arg-type]
        assert came_to in answer.url


def test_units_move_no_money() -> None:
    def line(amount: str) -> PostingOut:
        return PostingOut(account="expenses:beds", amount=amount, fund="core", kind="activity", partner="nhs",
                          service="beds", source="", cost_class="", case="", units="3")

    assert moved([line("0.00")], "GBP") == ""
    assert moved([line("12.00"), line("-12.00")], "GBP") == "12.00"


def test_what_asks_keeps_its_question_mark(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/post"))
    page.fill("#reference", "J-1")
    for line, account, amount in ((1, "assets:bnk:core", "10.00"), (2, "assets:bank:core", "-10.00")):
        page.fill(f"#account-{line}", account)
        page.fill(f"#amount-{line}", amount)
        page.select_option(f"#fund-{line}", "core")
    page.click("main button[type=submit]")
    assert "did you mean assets:bank:core?" in page.inner_text("main")
    assert "?." not in page.inner_text("main")
