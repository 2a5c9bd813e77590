"""Everything that exists as a file, from one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.calls import Call, Reads
from api.routes import proof, reports, statements
from api.routes.periods import get_periods
from api.shapes.periods import IssueOut
from api.web.page import Page, draw, link, sentence
from api.web.pools import FACES
from api.web.scenarios import partners
from exports.reports.catalogue import REPORTS
from ledger import store
from ledger.language import N_, _

OfPeriod = Annotated[str, Query(max_length=20)]
router = APIRouter(route_class=Page, include_in_schema=False)
REPORT_FACES = {"pdf": N_("PDF"), "xlsx": N_("Workbook (XLSX)"), "csv": N_("Spreadsheet rows (CSV)"),
                "json": N_("What the columns mean (JSON)")}
assert set(REPORT_FACES) == set(get_args(reports.Format)), "every format can be downloaded"
JOURNALS = {"csv": N_("Spreadsheet rows (CSV)"), "jsonl": N_("Data, an entry a line (JSONL)"), "beancount": "Beancount",
            "hledger": "hledger"}
assert set(JOURNALS) == set(proof.MEDIA), "every journal can be downloaded"


@dataclass(frozen=True, slots=True)
class File:
    """A file to take away: what it is, and its formats with their addresses."""

    words: str
    formats: tuple[tuple[str, str], ...]


@router.get("/pools/{partnership}/downloads")
def get_downloads(request: Request, call: Reads, period: OfPeriod = "") -> Response:
    """Statements, reports, journals, the agreement, workbooks and receipts; only those that the caller may have."""
    issued = {one.period: one for one in statements.get_statements(call).items}
    chosen = period if period in issued else next(reversed(issued), "")
    latest = [issued[chosen]] if chosen else []
    groups = [(_("Statement for {period}").format(period=chosen), list(_statements(call, latest))),
              (_("Reports on {period}").format(period=chosen), list(_reports(call, chosen))),
              (_("What each partner is told about {period}").format(period=chosen), list(_notices(call, chosen))),
              (_("The whole journal"), list(_journals(call))), (_("Workbooks"), list(_workbooks(call))),
              (_("Terms and proof"), list(_proof(call)))]
    return draw(request, "downloads.html", {"groups": [(words, files) for words, files in groups if files],
                                            "periods": [*issued][::-1], "chosen": chosen}, call)


def _api(call: Call, path: str) -> str:
    return f"/v1/partnerships/{call.partnership}/{path}"


def _statements(call: Call, issued: list[IssueOut]) -> Iterator[File]:
    for one in issued:
        words = _("{period}, issue {issue}").format(period=one.period, issue=one.issue)
        yield File(words, tuple((_(said), link(_api(call, f"statements/{one.period}.{name}"), issue=one.issue))
                                for name, said in FACES.items()))


def _reports(call: Call, period: str) -> Iterator[File]:
    for name, kind in REPORTS.items():
        if period and not kind.for_one:
            yield File(sentence(_(kind.words)), _formats(call, name, period, call.partner))


def _formats(call: Call, name: str, period: str, partner: str) -> tuple[tuple[str, str], ...]:
    return tuple((_(said), link(_api(call, f"reports/{name}/{period}.{suffix}"), partner=partner))
                 for suffix, said in REPORT_FACES.items())


def _notices(call: Call, period: str) -> Iterator[File]:
    """Reports that are made for one partner: settlement notices, and extracts for its own accounts."""
    for partner, who in partners(call).items() if period else ():
        for name, kind in REPORTS.items():
            if kind.for_one and call.partner in ("", partner):
                yield File(_("{partner}: {report}").format(partner=who, report=_(kind.words)),
                           _formats(call, name, period, partner))


def _journals(call: Call) -> Iterator[File]:
    if "audit" in call.caller.rights:
        words = _("Entries that you see whole") if call.partner else _("Every entry with its postings")
        yield File(words, tuple((_(said), _api(call, f"export.{name}")) for name, said in JOURNALS.items()))


def _workbooks(call: Call) -> Iterator[File]:
    yield File(_("Workbook to type events in"), ((_("Workbook (XLSX)"), _api(call, "events/template.xlsx")),))
    if "scenario" in call.caller.rights:
        with call.reading() as (conn, book):
            head = store.head(conn, book).entries
        for year in list(dict.fromkeys(one.id[:6] for one in get_periods(call).items))[::-1]:
            yield File(_("Scenario workbook for {year}").format(year=year),
                       ((_("Workbook (XLSX)"), _api(call, f"scenarios/{year}-{head}.xlsx")),))


def _proof(call: Call) -> Iterator[File]:
    yield File(_("The agreement in force, as it was applied"),
               ((_("Agreement file (YAML)"), f"/pools/{call.partnership}/downloads/agreement.yaml"),))
    yield File(_("Receipt over everything recorded until now"), ((_("Receipt (JSON)"), _api(call, "receipts")),))


@router.get("/pools/{partnership}/downloads/agreement.yaml")
def get_agreement_file(call: Reads) -> Response:
    """The agreement file to the byte; a link cannot ask for it by the header that the call of the interface reads."""
    from commissioning import store as agreements
    from commissioning.refusals.names import NoAgreement

    with call.reading() as (conn, book):
        text = agreements.agreement_text(conn, book)
    if text is None:
        raise NoAgreement(partnership=call.partnership)
    return Response(text, media_type="application/yaml", headers={
        "Content-Disposition": f'attachment; filename="agreement-{call.partnership}.yaml"'})
