"""Every page in a real Chromium: read without scripts, without fault for axe-core, followed down to entries."""

from __future__ import annotations

import io
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

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
         "/proposals", f"/statements/{PERIOD}/services/none",
         f"/statements/{PERIOD}/figures/services/reablement/variance",
         f"/statements/{PERIOD}/figures/services/reablement/forecast",
         f"/statements/{PERIOD}/figures/partners/nhs/settlement", f"/statements/{PERIOD}/figures/funds/core/closing",
         f"/statements/{PERIOD}/figures/none", "/tasks", "/periods", "/agreement", "/proof", "/downloads")
DOING = ("/import", "/bank", "/post", "/scenarios", "/scenarios/compare", "/proof/verified",
         f"/periods/{PERIOD}/reopen", "/periods/FY2026-M01/close", f"/periods/{PERIOD}/close", "/import?known=4")
"""Pages for those who change something or work something out: nobody who belongs to a partner."""


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
    for path in (*PAGES, *DOING):
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        page.goto(site.at(path))
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"], f"{path} is too wide"
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{path} is too wide"
        assert faults(page) == [], path
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    for path in PAGES[:4]:  # those that a phone folds most
        page.goto(site.at(path))
        assert faults(page) == [], path
    assert [one for one in said if "Content Security" in one or "Refused" in one] == []


def test_a_page_is_used_by_keyboard_alone(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/entries"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("FC-2024-Q1-REA")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=FC-2024-Q1-REA**")
    assert entry_numbers(page) == [3]


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


AMOUNT = re.compile(r"\d[\d,]*\.\d\d")


def test_figures_are_followed_down_to_their_entries(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at(f"/statements/{PERIOD}"))
    links = linked_figures(page)
    assert len(links) > 100
    for to, printed in random.Random().sample(links, 4):
        follow(page, site.address + to, printed)


def test_figures_of_the_pdf_and_its_twin_are_on_the_page_and_followed_down(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at(f"/statements/{PERIOD}"))
    links, shown = linked_figures(page), set(AMOUNT.findall(page.inner_text("main")))
    address = f"{site.address}/v1/partnerships/northshire/statements/{PERIOD}"
    files = {name: page.context.request.get(f"{address}.{name}").body() for name in ("pdf", "html")}
    text = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(files["pdf"])).pages)
    page.set_content(files["html"].decode())
    found = {"pdf": set(AMOUNT.findall(text)), "html": set(AMOUNT.findall(page.inner_text("body")))}
    for name, amounts in found.items():
        assert len(amounts) > 30, name
        assert amounts <= shown, f"the page shows every amount of the {name}"
        ways = [(to, printed) for to, printed in links if AMOUNT.findall(printed)[0] in amounts]
        follow(page, site.address + random.Random().choice(ways)[0], "")


def linked_figures(page: Page) -> list[tuple[str, str]]:
    """Every amount of a page's tables that leads on, with where to."""
    found = page.locator("td a").evaluate_all("all => all.map(a => [a.getAttribute('href'), a.innerText])")
    return [(to, printed) for to, printed in found if AMOUNT.search(printed)]


def follow(page: Page, to: str, printed: str) -> None:
    """From a figure down by random parts of it to the last page, each sum checked on the way."""
    page.goto(to)
    if page.locator("#sum").count():
        amounts, numbers = entries_listed(page)
        assert not printed or abs(sum(amounts)) == abs(pence(printed)), to
        assert pence(page.inner_text("#total")) == sum(amounts), to
        assert "add up to the same" in page.inner_text("#sum"), to
        if numbers:
            number = random.Random().choice(numbers)
            page.click(f"tbody th a:text-is('{number}')")
            assert page.inner_text("h1") == f"Entry {number}"
        return
    assert not printed or abs(pence(page.inner_text("#amount"))) == abs(pence(printed)), to
    rows = page.locator("tbody tr")
    if rows.count():
        parts = [(rows.nth(n).locator("th a"), rows.nth(n).locator("td").inner_text()) for n in range(rows.count())]
        assert sum(pence(amount) for _, amount in parts) == pence(page.inner_text("#total")), to
        ways = [(str(way.get_attribute("href")), amount) for way, amount in parts if way.count()]
        if ways:
            onward, amount = random.Random().choice(ways)
            follow(page, urljoin(page.url, onward), amount)
        return
    assert page.locator("main li").count(), f"{to} says what it rests on, or by which step it was decided"


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
    """The first amount in a text: `1,200.00 under` and `−1,200.00` are less than nothing."""
    less = any(word in text for word in ("\u2212", "under", "to receive"))
    return to_minor(AMOUNT.findall(text)[0].replace(",", ""), "GBP") * (-1 if less else 1)


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


def test_everything_there_is_as_a_file_is_on_one_page(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at("/downloads"))
    files = page.locator("main a[download]").evaluate_all("found => found.map(one => one.href)")
    kinds = {urlsplit(one).path.rpartition("/")[2].rpartition(".")[2] for one in files}
    assert kinds >= {"pdf", "xlsx", "html", "json", "csv", "jsonl", "beancount", "hledger", "yaml", "receipts"}
    for kind in sorted(kinds):
        address = next(one for one in files if urlsplit(one).path.endswith(kind))
        answer = page.context.request.get(address)
        assert answer.status == 200, address
        assert len(answer.body()) > 200, address


def test_a_language_is_kept_in_the_browser(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    page.goto(site.at())
    assert page.locator("html").get_attribute("lang") == "en-GB"
    page.goto(f"{site.address}/language/en?to=/pools/{site.pool}/entries")
    assert page.url == site.at("/entries")
    assert [one["value"] for one in page.context.cookies() if one["name"] == "poolbook_language"] == ["en"]
    answer = page.goto(f"{site.address}/language/xx")
    assert answer is not None
    assert answer.status == 404


def test_a_partners_own_people_see_nothing_of_another(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(("board-reader",), partner="nhs", holder="Ben"))
    theirs = ("district", "Ashford Vale")
    every = [path for path in PAGES if path != "/agreement"]  # what was agreed is every partner's
    for path in (*every, f"/statements/{PERIOD}/differences"):
        answer = page.goto(site.at(path))
        assert answer is not None
        assert answer.status == (404 if path.endswith(("/none", "/differences")) else 200), path  # one issue has none
        text = page.content()
        assert not [name for name in theirs if name in text], path
    for path in DOING:
        if path != "/proof/verified":
            answer = page.goto(site.at(path))
            assert answer is not None
            assert answer.status == 403, path
    for path in (f"/statements/{PERIOD}/partners/district", f"/statements/{PERIOD}/partners/district/paid",
                 f"/statements/{PERIOD}?partner=district"):
        answer = page.goto(site.at(path))
        assert answer is not None
        assert answer.status in (403, 404), path
    page.goto(site.at(f"/statements/{PERIOD}/partners/nhs/paid"))
    assert "add up to the same" in page.inner_text("#sum")
