"""The officer's tasks in a real Chromium without scripts: import, close, approve, reverse, each refused where due."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.api.conftest import AGREEMENT, EVENTS, YAML
from tests.web.conftest import PHONE, Site, Visit, faults

TERMS = AGREEMENT.replace("year_starts: 04-01", "year_starts: 04-01, four_eyes: {entries_above: 5000}")
HEADER = EVENTS.splitlines()[0]


@pytest.fixture
def site(serve: Callable[[str, str], Site], sqlite_template: Path, tmp_path: Path) -> Site:
    """The invented partnership, in which closes and large entries wait for a second person."""
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    made = serve(f"sqlite:///{tmp_path / 'books.db'}", "millbrook")
    return agreed(made, TERMS)


def agreed(site: Site, terms: str) -> Site:
    """Puts the agreement in force: its first version needs nobody else."""
    from api import keys
    from api.rights import ROLES
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
    page.wait_for_url(site.at("/entries"))
    assert entries(page, site) == before + 4
    imports(page, site, EVENTS)
    assert "would post 0 events. 4 are in the books already" in page.inner_text("main")


def test_faults_are_shown_at_their_rows_and_nothing_is_kept(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    before = entries(page, site)
    imports(page, site, f"{EVENTS}2024-05-14,expenditure,bedz,,,1.00,INV-7,\n2024-05-14,expenditure,beds,,,x,INV-8,\n")
    rows = page.locator("tbody tr")
    assert [rows.nth(n).locator("th").inner_text() for n in range(rows.count())] == ["6", "7"]
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
    page.click("text=post an entry by hand")
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


def test_a_reader_is_offered_no_change(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(("board-reader",)))
    for path in ("", "/entries", "/statements", "/entries/1"):
        page.goto(site.at(path))
        forms = page.locator("form[method=post]").evaluate_all("all => all.map(one => one.getAttribute('action'))")
        assert forms == ["/sign-out"], path
    for path in ("/import", "/periods/FY2024-Q1/close"):
        answer = page.goto(site.at(path))
        assert answer is not None
        assert answer.status == 403
