"""Every page in a real Chromium: read without scripts, without fault for axe-core, followed down to entries."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from api.database import connect
from docs.make_gallery import run
from ledger.money import to_minor
from tests.web.conftest import DESKTOP, PHONE, Site, Visit, faults

EXAMPLE = Path(__file__).parents[2] / "examples" / "northshire-2024"
PERIOD = "FY2024-M12"
PAGES = ("", "/statements", f"/statements/{PERIOD}", f"/statements/{PERIOD}?draft=true",
         f"/statements/{PERIOD}/services/reablement", f"/statements/{PERIOD}/services/reablement/actual",
         f"/statements/{PERIOD}/partners/nhs", f"/statements/{PERIOD}/partners/nhs/paid",
         f"/statements/{PERIOD}/funds/core/paid", f"/statements/{PERIOD}/contributions", "/entries",
         "/entries?service=reablement&from=2024-04-01&to=2024-06-30", "/entries?text=nothing+has+this", "/entries/128",
         "/proposals", f"/statements/{PERIOD}/services/none")


@pytest.fixture(scope="module")
def site(serve: Callable[[str, str], Site], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two years of an invented partnership, closed month by month."""
    path = tmp_path_factory.mktemp("site") / "books.db"
    shutil.copyfile(sqlite_template, path)
    engine = connect(f"sqlite:///{path}")
    run(EXAMPLE, engine)
    engine.dispose()
    return serve(f"sqlite:///{path}", "northshire")


def test_every_page_is_accessible_on_a_desk_and_on_a_phone(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in PAGES:
        page.goto(site.at(path))
        assert page.locator("h1").count() == 1, path
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert faults(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{path} is too wide"
    assert [one for one in said if "Content Security" in one or "Refused" in one] == []


def test_axe_would_find_a_fault(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    page.goto(site.at())
    page.evaluate("document.querySelector('main').innerHTML = '<input><img src=\"data:,\">'")
    assert {one.partition(":")[0] for one in faults(page)} >= {"label", "image-alt"}


def test_the_sign_in_page_is_accessible_and_says_what_is_wrong(site: Site, visit: Visit) -> None:
    page = visit(site, scripts=True)
    assert "/sign-in" in page.url
    assert faults(page) == []
    page.fill("#key", "pbk_wrong")
    page.click("main button[type=submit]")
    assert "not one of this server" in page.inner_text("#key-error")
    assert page.title().startswith("Error: ")
    assert faults(page) == []


def test_one_signs_in_without_scripts_and_out_again(site: Site, visit: Visit) -> None:
    page = visit(site)
    page.goto(site.at("/entries?service=reablement"))
    assert "/sign-in" in page.url
    key = site.key()
    page.fill("#key", key)
    page.click("main button[type=submit]")
    assert page.url == site.at("/entries?service=reablement"), "back to where one wanted to go"
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert key not in cookie["value"]
    page.click("text=Sign out")
    page.goto(site.at())
    assert "/sign-in" in page.url


def test_a_figure_is_followed_down_to_its_entries(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    chance = random.Random()
    for _ in range(3):
        page.goto(site.at(f"/statements/{PERIOD}"))
        links = page.locator("td a").evaluate_all("found => found.map(a => [a.getAttribute('href'), a.innerText])")
        assert len(links) > 10
        to, printed = chance.choice(links)
        page.goto(site.address + to)
        amounts, numbers = entries_listed(page)
        assert sum(amounts) == pence(printed) == pence(page.inner_text("#total")), to
        assert "add up to the same" in page.inner_text("#sum")
        if numbers:
            number = chance.choice(numbers)
            page.click(f"tbody th a:text-is('{number}')")
            assert page.inner_text("h1") == f"Entry {number}"


def entries_listed(page: Page) -> tuple[list[int], list[str]]:
    """What the entries of all pages put into a figure, and the numbers of the last page's."""
    amounts: list[int] = []
    while True:
        rows = page.locator("tbody tr:has(th a)")
        amounts += [pence(text) for text in rows.locator("td:last-child").all_inner_texts()]
        numbers = rows.locator("th a").all_inner_texts()
        if not page.locator("a[rel=next]").count():
            return amounts, numbers
        turn(page)


def turn(page: Page) -> None:
    """Goes to the next page; a click may be answered before that is there to be read."""
    to = page.locator("a[rel=next]").first.get_attribute("href")
    page.goto(urljoin(page.url, to))


def pence(text: str) -> int:
    return to_minor(text.replace(",", "").replace("\u2212", "-"), "GBP")


def test_a_service_leads_to_its_working_and_clause(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.click("text=Read the whole statement")
    page.goto(site.at(f"/statements/{PERIOD}"))
    page.click("section[aria-labelledby=services] tbody th a:text-is('Reablement at home')")
    assert page.inner_text("h1") == "Reablement at home"
    steps = page.locator("ol.govuk-list--number li").all_inner_texts()
    assert any("Schedule 3, paragraph 4" in step and "£520,000.00" in step for step in steps)


def test_entries_are_searched_and_paged(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.click("text=Search the entries")
    page.select_option("#service", "reablement")
    page.fill("#from", "2024-04-01")
    page.fill("#to", "2024-06-30")
    page.click("main button[type=submit]")
    assert page.input_value("#from") == "2024-04-01"
    dates = page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert dates
    assert all(re.search(r"(April|May|June) 2024$", text) for text in dates)
    page.goto(site.at("/entries"))
    seen = entry_numbers(page)
    while page.locator("a[rel=next]").count():
        turn(page)
        seen += entry_numbers(page)
    assert seen == list(range(1, len(seen) + 1)), "each once, in order"
    assert len(seen) > 400


def entry_numbers(page: Page) -> list[int]:
    return [int(text) for text in page.locator("tbody th a").all_inner_texts()]


def test_every_format_is_downloaded(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at(f"/statements/{PERIOD}"))
    files = page.locator("a[download]").evaluate_all("found => found.map(one => one.href)")
    assert len(files) == 4
    for address in files:
        answer = page.context.request.get(address)
        assert answer.status == 200, address
        assert len(answer.body()) > 1000


def test_a_partners_own_people_see_nothing_of_another(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(("board-reader",), partner="nhs", holder="Ben"))
    theirs = ("district", "Ashford Vale")
    for path in (*PAGES, f"/statements/{PERIOD}/differences"):
        page.goto(site.at(path))
        text = page.content()
        assert not [name for name in theirs if name in text], path
    for path in (f"/statements/{PERIOD}/partners/district", f"/statements/{PERIOD}/partners/district/paid",
                 f"/statements/{PERIOD}?partner=district"):
        answer = page.goto(site.at(path))
        assert answer is not None
        assert answer.status in (403, 404), path
    page.goto(site.at(f"/statements/{PERIOD}/partners/nhs/paid"))
    assert "add up to the same" in page.inner_text("#sum")
