"""The officer's tasks in a real Chromium without scripts: import, close, approve, reverse, each refused where due."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.api.conftest import AGREEMENT, EVENTS, YAML
from tests.scenario import damage
from tests.web.conftest import PHONE, Site, Visit, faults
from tests.web.test_pages import pence

TERMS = AGREEMENT.replace("year_starts: 04-01", "year_starts: 04-01, four_eyes: {entries_above: 5000}")
LATER = TERMS[TERMS.index("  - id: s75"):].replace("id: s75", "id: s75-2025").replace("2024-04-01", "2025-04-01")
HEADER = EVENTS.splitlines()[0]


@pytest.fixture
def site(serve: Callable[[str, str], Site], sqlite_template: Path, tmp_path: Path) -> Site:
    """The invented partnership, in which closes and large entries wait for a second person."""
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    made = serve(f"sqlite:///{tmp_path / 'books.db'}", "millbrook")
    return agreed(made, TERMS)


def agreed(site: Site, terms: str) -> Site:
    """Puts the agreement in force: its first version needs nobody else."""
    from api.access import keys
    from api.access.rights import ROLES
    from tests.api.conftest import SECRET

    with site.app.state.engine.begin() as conn:
        key = keys.create(conn, SECRET.encode(), None, "of the tests", tuple(ROLES), site.app.state.clock())[1]
    answer = httpx.put(f"{site.address}/v1/partnerships/millbrook/agreement", content=terms,
                       headers={**YAML, "Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return site


def imports(page: Page, site: Site, rows: str) -> None:
    """Uploads rows as a file and has them checked."""
    page.goto(site.at("/import"))
    page.set_input_files("#file", {"name": "events.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("main button[type=submit]")


def entries(page: Page, site: Site) -> int:
    """How many entries the books show."""
    page.goto(site.at("/entries"))
    return page.locator("tbody tr").count()


def test_a_file_is_checked_then_kept(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    before = entries(page, site)
    imports(page, site, EVENTS)
    assert "would post 4 events" in page.inner_text("main")
    assert entries(page, site) == before, "checking keeps nothing"
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    page.wait_for_url(site.at("/entries?cursor=*"))
    assert page.locator("tbody tr").count() == 4, "what was posted, and nothing before it"
    assert entries(page, site) == before + 4
    page.goto(site.at("/entries?amount=2600.50"))
    assert [page.inner_text("tbody th"), page.locator("tbody tr").count()] == [str(before + 3), 1]
    page.goto(site.at("/entries?amount=2600.51"))
    assert "No entry meets all of this" in page.inner_text("main")
    imports(page, site, EVENTS)
    assert "would post 0 events. 4 are in the books already" in page.inner_text("main")


def test_faults_are_shown_at_their_rows_and_nothing_is_kept(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    before = entries(page, site)
    imports(page, site, f"{EVENTS}2024-05-14,expenditure,bedz,,,1.00,INV-7,\n2024-05-14,expenditure,beds,,,x,INV-8,\n")
    rows = page.locator("tbody tr")
    assert [rows.nth(n).locator("th").inner_text() for n in range(rows.count())] == [
        "Line 6, service", "Line 7, amount"]
    assert "bedz" in rows.nth(0).inner_text()
    assert "beds" in rows.nth(0).locator("td").last.inner_text(), "what to do names what there is"
    assert faults(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert faults(page) == []
    assert entries(page, site) == before
    page.goto(site.at("/import"))
    page.click("main button[type=submit]")
    assert "Choose a file" in page.inner_text("main")


def test_a_close_shows_what_is_missing_and_waits_for_a_second_person(site: Site, visit: Visit) -> None:
    ada = visit(site, site.key(holder="Ada"), scripts=True)
    imports(ada, site, EVENTS)
    ada.click("main button[type=submit]")
    ada.goto(site.at("/statements"))
    ada.click("text=Close FY2024-Q1")
    list_ = ada.inner_text(".govuk-task-list")
    assert "Outstanding: Millbrook Council" in list_
    assert "None for beds and respite" in list_
    assert faults(ada) == []
    ada.click("main button[type=submit]")
    assert ada.url == site.at("/proposals/1")
    assert "somebody else decides it" in ada.inner_text("main")
    assert ada.locator("text=Approve").count() == 0
    assert faults(ada) == []

    ben = visit(site, site.key(("approver",), holder="Ben"), scripts=True)
    ben.goto(site.at())
    assert "1 change waits" in ben.inner_text("main")
    ben.click("text=1 change waits")
    ben.click("tbody th a")
    assert faults(ben) == []
    ben.click("text=Approve: do exactly this")
    assert "Approved" in ben.inner_text("main")
    ben.goto(site.at("/statements/FY2024-Q1"))
    assert "Issue 1." in ben.inner_text("main")


def test_a_proposal_is_rejected_for_a_reason(site: Site, visit: Visit) -> None:
    ada = visit(site, site.key(holder="Ada"))
    imports(ada, site, f"{HEADER}\n2024-04-20,expenditure,beds,,,9000.00,INV-5,\n")
    ada.click("main button[type=submit]")
    assert ada.url == site.at("/proposals/1")
    ben = visit(site, site.key(("approver",), holder="Ben"))
    ben.goto(site.at("/proposals/1"))
    ben.fill("#reason", "not our invoice")
    ben.click("text=Reject")
    assert "not our invoice" in ben.inner_text("main")
    ada.goto(site.at("/proposals"))
    assert "Rejected" in ada.inner_text("tbody")


def test_the_maker_does_not_approve_by_another_key(site: Site, visit: Visit) -> None:
    ada = visit(site, site.key(holder="Ada"))
    imports(ada, site, f"{HEADER}\n2024-04-20,expenditure,beds,,,9000.00,INV-5,\n")
    ada.click("main button[type=submit]")
    again = visit(site, site.key(("approver",), holder="ADA"))
    again.goto(site.at("/proposals/1"))
    assert again.locator("text=Approve").count() == 0


def test_an_entry_is_reversed_once(serve: Callable[[str, str], Site], sqlite_template: Path, tmp_path: Path,
                                   visit: Visit) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    site = agreed(serve(f"sqlite:///{tmp_path / 'books.db'}", "millbrook"), AGREEMENT)
    page = visit(site, site.key(), scripts=True)
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    page.goto(site.at("/entries?text=INV-1"))
    page.click("tbody th a")
    undone = page.url
    assert "£2,600.50" in page.inner_text("main")
    assert faults(page) == []
    page.fill("#date", "2024-06-01")
    page.fill("#reference", "REV-1")
    page.click("text=Reverse entry")
    assert "Reverses" in page.inner_text("main")
    page.goto(undone)
    assert "Reversed by" in page.inner_text("main")
    assert page.locator("#reference").count() == 0


def test_an_entry_is_posted_by_hand_or_comes_back_as_filled_in(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    page.goto(site.at("/entries"))
    page.click("text=Post an entry by hand")
    page.fill("#date", "2024-05-02")
    page.fill("#reference", "J-1")
    for number, account, amount in ((1, "expenses:beds", "12.34"), (2, "liabilities:providers", "-12.00")):
        page.fill(f"#account-{number}", account)
        page.fill(f"#amount-{number}", amount)
        page.select_option(f"#fund-{number}", "core")
    page.select_option("#service-1", "beds")
    assert faults(page) == []
    page.click("main button[type=submit]")
    page.wait_for_selector(".govuk-error-summary")
    assert "0.34" in page.inner_text(".govuk-error-summary")
    assert page.input_value("#amount-1") == "12.34"
    assert faults(page) == []
    page.fill("#amount-2", "-12.34")
    page.click("main button[type=submit]")
    page.wait_for_selector("h1:text('Entry')")
    assert "expenses:beds" in page.inner_text("table")
    assert entries(page, site) == 2


def test_a_period_is_opened_again_for_a_reason(site: Site, visit: Visit) -> None:
    ada, ben = visit(site, site.key(holder="Ada"), scripts=True), visit(site, site.key(("approver",), holder="Ben"))
    ada.goto(site.at("/periods"))
    assert ada.locator("text=Open again").count() == 1, "the heading: nothing is closed"
    ada.goto(site.at("/periods/FY2024-Q1/close"))
    ada.click("main button[type=submit]")
    ben.goto(site.at("/proposals/1"))
    ben.click("text=Approve: do exactly this")
    ada.goto(site.at("/periods"))
    ada.click("td a:has-text('Open again')")
    assert "This opens FY2024-Q1." in ada.inner_text("main")
    assert faults(ada) == []
    ada.fill("#reason", " ")
    ada.click("main button[type=submit]")
    ada.wait_for_selector(".govuk-error-summary")
    assert "needs a reason" in ada.inner_text(".govuk-error-summary")
    assert faults(ada) == []
    ada.fill("#reason", "a late invoice of the hospital")
    ada.click("main button[type=submit]")
    ada.wait_for_url(site.at("/proposals/2"))
    ben.goto(site.at("/proposals/2"))
    assert "a late invoice of the hospital" in ben.inner_text("main")
    ben.click("text=Approve: do exactly this")
    ada.goto(site.at("/periods"))
    assert ada.locator("td a:has-text('Open again')").count() == 0


def test_an_agreement_is_checked_by_line_then_applied_by_two(site: Site, visit: Visit) -> None:
    ada = visit(site, site.key(holder="Ada"), scripts=True)
    offers(ada, site, "/agreement", TERMS.replace("budget: 10000}", "budgt: 10000}").encode())
    assert re.search(r"Line \d+", ada.inner_text("tbody tr:first-child th"))
    assert "budgt" in ada.inner_text("tbody")
    assert faults(ada) == []
    offers(ada, site, "/agreement", (TERMS + LATER).encode())
    assert "nothing was kept yet" in ada.inner_text("h1")
    assert "s75-2025" in ada.inner_text("main ul")
    assert faults(ada) == []
    ada.click("main button[type=submit]")
    ada.wait_for_url(site.at("/proposals/1"))
    ada.goto(site.at("/agreement"))
    assert ada.locator("tbody tr").count() == 1, "it waits"
    ben = visit(site, site.key(("approver",), holder="Ben"))
    ben.goto(site.at("/proposals/1"))
    ben.click("text=Approve: do exactly this")
    ada.goto(site.at("/agreement"))
    assert [text.split()[0] for text in ada.locator("tbody th").all_inner_texts()] == ["s75", "s75-2025"]


def offers(page: Page, site: Site, path: str, content: bytes, **fields: str) -> None:
    """Brings a file to a page."""
    page.goto(site.at(path))
    page.set_input_files("#file", {"name": "a.file", "mimeType": "application/octet-stream", "buffer": content})
    for name, text in fields.items():
        page.fill(f"#{name}", text)
    page.click("main form[enctype] button[type=submit]")
    page.wait_for_load_state()


def test_the_books_are_checked_and_receipts_taken(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    page.goto(site.at("/proof"))
    page.click("main button[type=submit]")
    assert "Sound" in page.inner_text("#verified")
    assert faults(page) == []
    receipt = page.context.request.get(site.address + str(page.get_attribute("main a[download]", "href")))
    assert receipt.ok
    assert "millbrook" in receipt.text()


def test_scenarios_are_brought_back_kept_and_compared(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    page.goto(site.at("/scenarios"))
    workbook = page.context.request.get(site.address + str(page.get_attribute(
        "main a[download]:has-text('FY2024')", "href"))).body()
    cells = {row[11].value: row[6].coordinate for row in load_workbook(io.BytesIO(workbook))["Inputs"].iter_rows(
        min_row=6)}
    for name, amount in (("Dearer", "12000"), ("Cheaper", "9000")):
        changed = damage.number("Inputs", cells["in_actual_beds"], amount)(workbook)
        offers(page, site, "/scenarios", changed, name=name)
        page.wait_for_url(site.at("/scenarios/kept/*"))
    assert "12,000.00" not in page.inner_text("main")
    assert "9000.00" in page.inner_text("main")
    assert faults(page) == []
    offers(page, site, "/scenarios", changed)
    assert "It was not kept" in page.inner_text("main")
    page.goto(site.at("/scenarios"))
    assert page.locator("tbody tr").count() == 2
    page.click("text=Compare those ticked")
    assert "two scenarios or more" in page.inner_text(".govuk-error-summary")
    assert faults(page) == []
    page.goto(site.at("/scenarios"))
    for one in ("1", "2"):
        page.check(f"#kept-{one}")
    page.click("text=Compare those ticked")
    page.wait_for_selector("h1:text('Scenarios side by side')")
    council = page.locator("tbody tr:has(th:text('Millbrook Council'))").first.locator("td").all_inner_texts()
    today, cheaper, less_up, dearer, up = map(pence, council)
    assert dearer > cheaper > 0
    assert (dearer - today, cheaper - today) == (up, less_up)
    assert faults(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_damaged_workbook_is_refused_by_its_cell(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    page.goto(site.at("/scenarios"))
    workbook = page.context.request.get(site.address + str(page.get_attribute(
        "main a[download]:has-text('FY2024')", "href"))).body()
    offers(page, site, "/scenarios", damage.number("Results", "B6", "1")(workbook), name="Bent")
    assert "Results!" in page.inner_text("tbody th")
    assert page.input_value("#name") == "Bent"
    assert faults(page) == []
    offers(page, site, "/scenarios", b"no workbook")
    assert page.locator("#faults").count() == 1
    page.goto(site.at("/scenarios"))
    assert "None was kept yet" in page.inner_text("main")


def test_what_was_checked_is_confirmed_as_it_was_or_not_at_all(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    before = entries(page, site)
    imports(page, site, EVENTS)
    sealed = page.get_attribute("input[name=sealed]", "value") or ""
    origin = {"Origin": site.address}
    other = visit(site, site.key(holder="Ben"))
    bent = sealed[:-8] + "AAAAAAA="
    for who, text, path in ((page, bent, "import"), (page, sealed[:40], "import"), (page, "", "import"),
                            (page, sealed, "agreement"), (other, sealed, "import")):
        answer = who.context.request.post(site.at(f"/{path}/confirmed"), headers=origin, multipart={"sealed": text})
        assert answer.status == 422, (path, text[:10])
        assert "checked-file-lost" in answer.text()
    assert entries(page, site) == before
    answer = page.context.request.post(site.at("/import/confirmed"), headers=origin, multipart={"sealed": sealed})
    assert answer.ok
    assert entries(page, site) == before + 4


def test_a_reader_is_offered_no_change(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(("board-reader",)))
    for path in ("", "/entries", "/statements", "/entries/1", "/agreement", "/periods", "/proof"):
        page.goto(site.at(path))
        forms = page.locator("form[method=post]").evaluate_all("all => all.map(one => one.getAttribute('action'))")
        assert forms == ["/sign-out"], path
    page.goto(site.at("/tasks"))
    assert page.locator("main a").evaluate_all("all => all.map(one => one.innerText)") == [
        "Periods", "What waits for a second person", "Downloads", "The agreement", "Proof"]
    for path in ("/import", "/periods/FY2024-Q1/close", "/periods/FY2024-Q1/reopen", "/scenarios", "/proof/verified"):
        answer = page.goto(site.at(path))
        assert answer is not None
        assert answer.status == 403
