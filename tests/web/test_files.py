"""Files that officers bring, in a real Chromium without scripts: the bank's statement, and the workbook of entries."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.api.conftest import EVENTS
from tests.bank.files import Entry, Stmt, Tx, camt
from tests.bank.test_entry_template import filled_in
from tests.web.conftest import PHONE, Site, Visit, faults
from tests.web.test_tasks import entries, imports, offers, site

__all__ = ["site"]  # the fixture
LINES = (Entry("1000.00", "2024-04-05", "B-1", [Tx("MILLBROOK COUNCIL")]),
         Entry("1500.00", "2024-04-08", "B-2", [Tx("NHS MILLBROOK")]),
         Entry("-2600.50", "2024-06-03", "B-3", [Tx("Beds Ltd", ["INV-1"])]),
         Entry("12.34", "2024-06-28", "B-4", text="interest"))
BANK = camt([Stmt("S-1", "0.00", LINES, day="2024-07-31")])


def kept(page: Page, site: Site) -> None:
    """Brings the events of the invented partnership into the books."""
    imports(page, site, EVENTS)
    page.click("main button[type=submit]")
    page.wait_for_url(site.at("/entries?cursor=*"))


def test_a_bank_statement_is_matched_and_what_is_ticked_is_posted_once(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    kept(page, site)
    before = entries(page, site)
    offers(page, site, "/bank", BANK, account="GB33BUKB20201555555555=core")
    assert "4 lines were read; nothing was posted yet." in page.inner_text("main")
    rows = page.locator("form tbody tr")
    assert rows.count() == 1
    assert "INV-1" in rows.first.inner_text()
    assert "The bank's text has the reference." in rows.first.inner_text()
    others = page.locator("table").last.inner_text()
    assert "It is in the books already" in others
    assert "Unmatched" in others
    assert "How bank and books tie" in page.inner_text("main")
    assert faults(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert entries(page, site) == before, "nothing is posted by looking"

    offers(page, site, "/bank", BANK, account="GB33BUKB20201555555555=core")
    page.click("text=Post what is ticked")
    page.wait_for_url("**/bank/confirmed")
    assert "Tick at least one line; nothing was posted" in page.inner_text(".govuk-error-summary")
    assert faults(page) == []
    page.check("form tbody input")
    page.click("text=Post what is ticked")
    page.wait_for_url("**/bank?posted=1**")
    assert "1 event was posted." in page.inner_text("main")
    assert faults(page) == []
    assert entries(page, site) == before + 1
    offers(page, site, "/bank", BANK, account="GB33BUKB20201555555555=core")
    assert page.locator("form tbody tr").count() == 0, "it is recognised"


def test_the_pages_of_one_statement_are_chosen_together(site: Site, visit: Visit) -> None:
    page = visit(site, site.key())
    first = camt([Stmt("S-1", "0.00", LINES[:2], day="2024-07-31", codes=("OPBD", "ITBD"))], page=(1, False))
    last = camt([Stmt("S-1", "2500.00", LINES[2:], day="2024-07-31", codes=("ITBD", "CLBD"))], page=(2, True))
    page.goto(site.at("/bank"))
    page.set_input_files("#file", [{"name": f"{name}.xml", "mimeType": "application/xml", "buffer": content}
                                   for name, content in (("two", last), ("one", first))])
    page.fill("#account", "GB33BUKB20201555555555=core")
    page.click("main form[enctype] button[type=submit]")
    page.wait_for_load_state()
    assert "4 lines were read; nothing was posted yet." in page.inner_text("main")


def test_a_bank_file_that_does_not_tie_is_refused_at_its_place(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    wrong = camt([Stmt("S-1", "0.00", LINES, closing="1.00", day="2024-07-31")])
    offers(page, site, "/bank", wrong, account="GB33BUKB20201555555555=core")
    assert page.locator("#faults").count() == 1
    assert page.input_value("#account") == "GB33BUKB20201555555555=core"
    assert faults(page) == []
    offers(page, site, "/bank", b"<html>", account="")
    assert page.locator("#faults").count() == 1
    page.goto(site.at("/bank"))
    page.click("main button[type=submit]")
    assert "Choose a file of the bank" in page.inner_text(".govuk-error-summary")


def test_a_workbook_of_entries_is_checked_by_cell_then_kept(site: Site, visit: Visit) -> None:
    page = visit(site, site.key(), scripts=True)
    before = entries(page, site)
    page.goto(site.at("/import"))
    template = page.context.request.get(site.address + str(page.get_attribute("main a[download]", "href"))).body()
    offers(page, site, "/import", filled(template, "not a day"))
    assert "!" in page.inner_text("tbody th"), "the cell is named"
    assert faults(page) == []
    assert entries(page, site) == before
    offers(page, site, "/import", filled(template, "2024-05-02"))
    assert "would post 1 event." in page.inner_text("main")
    assert faults(page) == []
    page.click("main button[type=submit]")
    page.wait_for_url(site.at("/entries?cursor=*"))
    assert entries(page, site) == before + 1


def filled(template: bytes, day: str) -> bytes:
    """The workbook with one invoice typed into it."""
    return filled_in(template, [{"date": day, "event": "expenditure", "service": "beds", "amount": 12.5,
                                 "reference": "INV-50"}])
