"""Every cause of refusal has its own code, a case here with its golden message, and sentences that can be filled in.

What a file can cause is in `agreements/` and `events/`. The rest is in `EXAMPLES` below, with the facts it is raised
with; `raised.txt` keeps how it reads. The tests of each room show that it is raised.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
import re
import string
from collections import Counter
from collections.abc import Mapping

import pytest

from ledger.errors import PoolbookError, catalogue
from tests.errors import cases

ROOMS = ("ledger", "contributions", "allocation", "commissioning", "exports", "api")
RAISED = cases.HERE / "raised.txt"
_DAY = dt.date(2024, 5, 14)
_ENTRY = {"reference": "INV-0001"}
_PERIOD = {"period": "FY2024-Q1"}

EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "scenario-not-kept": {"number": 7},
    "negotiation-not-kept": {"number": 7},
    "account-malformed": {"account": "bank:core"},
    "account-unknown": {**_ENTRY, "account": "expenses:bed", "suggestion": "did you mean expenses:beds?"},
    "against-ambiguous": {"reference": "A-1", "kinds": "expenditure, refund", "example": "expenditure:A-1"},
    "api-key-unknown": {"key": "k-12"},
    "api-key-wrong": {"fault": "it has no name"},
    "append-only": {"rule": "entry_no_update"},
    "backup-exists": {"file": "books.backup"},
    "backup-unreadable": {"file": "books.backup", "database": "books.db", "fault": "it is of the other kind"},
    "event-of-closed-year": {"date": "2023-12-04", "year": "FY2023", "event": "virement", "period": "FY2023-Q3"},
    "reversal-after-service": {"date": "2025-05-02", "service": "beds", "version": "s75-2024"},
    "issue-missing": {**_PERIOD, "issue": 3, "last": 2},
    "issues-order": {**_PERIOD, "before": 2, "after": 1},
    "figure-missing": {**_PERIOD, "name": "services/bedz/actual"},
    "checked-file-lost": {},
    "line-missing": {**_PERIOD, "kind": "service", "name": "bedz", "known": "beds, respite"},
    "database-file-unusable": {"reason": "attempt to write a readonly database"},
    "file-unwritable": {"fault": "No space left on device"},
    "address-unusable": {"host": "127.0.0.1", "port": 8000, "fault": "Address already in use"},
    "page-unknown": {"path": "/pools/northshire/entrys"},
    "late-not-ticked": {"date": "2024-05-14", "period": "FY2024-Q1", "box": "What belongs to a closed period goes ..."},
    "field-wrong": {"field": "Amount", "fault": "an amount is written as in 1250.50"},
    "agreement-later": {"partnership": "northshire"},
    "heads-unreadable": {},
    "restore-not-empty": {"database": "books.db"},
    "tool-failed": {"tool": "pg_dump", "fault": "connection refused", "command": "pg_dump --format=custom"},
    "tool-missing": {"tool": "pg_dump", "command": "pg_dump --format=custom"},
    "bank-accept-unclear": {"found": "perhaps"},
    "bank-account-unknown": {"account": "GB94BARC10201530093459", "known": "GB33BUKB20201555555555"},
    "bank-balance-differs": {"statement": "S-9", "account": "GB33BUKB20201555555555", "opening": "10.00",
                             "lines": "1.00", "closing": "12.00", "difference": "1.00"},
    "bank-columns-unclear": {"wanted": "the amount", "columns": "Date, Description"},
    "bank-currency-other": {"found": "EUR", "currency": "GBP"},
    "bank-element-missing": {"element": "Amt"},
    "bank-event-missing": {"line": "0430-000002"},
    "bank-file-too-large": {"limit": "20,000,000 bytes"},
    "bank-file-unreadable": {"fault": "it is no text file"},
    "bank-message-other": {"found": "camt.052.001.08"},
    "bank-page-missing": {"statement": "S-9", "account": "GB33BUKB20201555555555", "missing": 2},
    "bank-rows-column": {"column": "bank_amount"},
    "bank-line-posted": {"line": "0430-000002", "kind": "income", "reference": "0430-000002", "entry": 12},
    "bank-rows-differ": {"line": "0430-000002", "events": "390.00", "amount": "400.00"},
    "bank-statement-missing": {"before": "S-9", "after": "S-11", "account": "GB33BUKB20201555555555",
                               "closing": "12.00", "opening": "15.00"},
    "bank-value-wrong": {"found": "2024-02-30", "wanted": "a date"},
    "bank-xml-active": {},
    "bank-xml-broken": {"fault": "mismatched tag"},
    "baseline-nothing": {"amount": "900.00"},
    "base-above-amount": {"base": "600.00", "count": 2, "amount": "1,000.00"},
    "books-unsound": {"entries": 12},
    "citus-missing": {"fault": "the database lacks the extension citus"},
    "check-fails": {**_PERIOD, "check": "the ledger balances"},
    "entry-not-whole": {"number": 12, "partner": "nhs"},
    "name-in-use": {"kind": "service", "name": "beds"},
    "not-to-be-shown": {"name": "soon"},
    "public-key-unreadable": {"text": "abc"},
    "receipt-unreadable": {"fault": "root: it is too short"},
    "reversal-early": {"date": _DAY, "undone": _DAY},
    "settlement-period": {"name": "2018/19", "example": "FY2024-Q1"},
    "signing-key-missing": {},
    "signing-key-unreadable": {},
    "standby-other": {"database": "postgresql://reads@standby/books", "partnership": "millbrook"},
    "since-unknown": {"older": 12},
    "virement-incomplete": {"reference": "V-1"},
    "fault-by-case": {"service": "hospital"},
    "bearer-expired": {"key": "k-12", "expired": _DAY},
    "bearer-missing": {},
    "bearer-revoked": {"key": "k-12", "revoked": _DAY},
    "bearer-unknown": {},
    "body-too-fine": {"limit": "1,000,000"},
    "body-too-large": {"limit": "10,000,000"},
    "case-incomplete": {"folder": "examples/nowhere"},
    "chain-broken": {"rule": "batch_follows"},
    "report-unknown": {"name": "aging", "hint": " (did you mean ageing?)", "known": "ageing, balances"},
    "report-needs-partner": {"name": "settlement-notice", "known": "council, nhs"},
    "report-table-unknown": {"name": "ageing", "table": "payment", "known": "partners, payments"},
    "report-option-wrong": {"option": "vat", "text": "beds", "form": "SERVICE=REGIME, for example beds=exempt"},
    "report-name-unknown": {"option": "agent", "name": "bedz", "known": "beds", "hint": " (did you mean beds?)"},
    "balance-figure-unknown": {"name": "debtors"},
    "balance-figure-twice": {"partner": "nhs", "figure": "payable"},
    "claims-exceeded": {"amount": "700.00", "claims": "600.00", "plain": "600.00"},
    "column-wanted": {"service": "home-care", "column": "case"},
    "content-type-unsupported": {"given": "text/plain", "allowed": "text/csv, application/json"},
    "cursor-unreadable": {"cursor": "abc"},
    "database-busy": {},
    "database-failed": {"reason": "disk I/O error"},
    "database-full": {},
    "database-lost": {},
    "database-later": {"found": "0015", "known": "0013"},
    "database-not-ready": {"database": "sqlite:///poolbook.db"},
    "entry-cell-formula": {"found": "=B6*2"},
    "entry-cell-wrong": {"found": "#REF!", "wanted": "value"},
    "entry-column-missing": {"column": "reference"},
    "entry-column-twice": {"column": "amount"},
    "entry-rows-too-many": {"limit": "20,000"},
    "entry-sheet-missing": {"sheet": "Events"},
    "entry-not-reversible": {"number": 12, "kind": "statement"},
    "entry-unknown": {"number": 12},
    "from-elsewhere": {},
    "idempotency-key-reused": {"key": "3f6c"},
    "json-unreadable": {"fault": "expecting a comma, line 1, column 9"},
    "last-share-unknown": {"basis": "weight"},
    "limits-infeasible": {"least": "110", "most": "100"},
    "login-too-strong": {"login": "admin", "app": "poolbook_app"},
    "login-unknown": {"login": "nhs_reader"},
    "logins-unsupported": {},
    "member-unknown": {"member": 12},
    "member-wrong": {"fault": "it has no roles"},
    "method-unknown": {"path": "/v1/partnerships", "method": "PATCH", "allowed": "GET"},
    "metrics-token-wrong": {},
    "moment-unreadable": {"text": "yesterday"},
    "no-agreement": {"partnership": "millbrook"},
    "method-lacks": {"method": "talmud", "what": "what each party claims", "key": "claims"},
    "chance-unclear": {"count": 2},
    "chance-wrong": {"kind": "uniform", "fault": "low is above high", "mend": "exchange them"},
    "correlation-wrong": {"one": "beds.demand", "other": "beds.price", "fault": "it is stated twice"},
    "correlations-impossible": {"name": "beds.price", "others": "beds.demand, visits.demand"},
    "factor-unknown": {"name": "bed.demand", "known": "beds.demand", "hint": " (did you mean beds.demand?)"},
    "no-year-worked-out": {"draws": 100, "fault": "120.00 is to be divided among claims that total only 100.00"},
    "service-not-simulated": {"service": "bed", "why": "which the year's agreement does not have",
                              "known": "beds, visits", "hint": " (did you mean beds?)"},
    "break-even-missing": {"path": "actual.beds", "low": "0", "high": "1400", "at_low": "-321.00", "at_high": "-1.00"},
    "lever-unknown": {"path": "actual.bed", "hint": " (did you mean actual.beds?)"},
    "division-method-unknown": {"name": "talmut", "known": "cea, cel, talmud", "hint": " (did you mean talmud?)"},
    "nucleolus-too-large": {"count": 11, "coalitions": "2,047", "most": 10},
    "party-missing": {"table": "claims", "name": "nhs"},
    "party-unknown": {"table": "claims", "name": "nsh", "known": "council, nhs", "hint": " (did you mean nhs?)"},
    "together-differs": {"stated": "20.00", "amount": "18.00"},
    "negotiation-input-unknown": {"name": "weights.nsh", "hint": " (did you mean weights.nhs?)"},
    "negotiation-record-wrong": {"fault": "offer is missing"},
    "nothing-to-compare": {},
    "option-name-twice": {"name": "option-b"},
    "option-not-comparable": {"name": "option-b", "fault": "its reserves differ"},
    "option-other-partnership": {"name": "option-b", "found": "millbrook", "wanted": "northshire"},
    "options-too-many": {"count": 9, "most": 8},
    "draws-too-many": {"draws": "2,000", "options": 4, "most": "5,000"},
    "not-acceptable": {"given": "image/png", "allowed": "application/json, application/pdf"},
    "nothing-to-share-by": {"amount": "100.00", "basis": "weight"},
    "other-partner": {"who": "key:k-12", "partner": "council"},
    "outcome-ambiguous": {"known": "admissions, falls"},
    "partner-not-in-statement": {"partner": "ccg", "known": "council, nhs"},
    "partnership-changed": {"key": "currency", "old": "GBP", "new": "EUR"},
    "partnership-differs": {"inside": "millbrook", "asked": "northshire"},
    "partnership-exists": {"partnership": "millbrook"},
    "partnership-not-named": {"known": "millbrook, northshire"},
    "partnership-unknown": {"partnership": "millbrok"},
    "period-already": {**_PERIOD, "state": "closed"},
    "period-closed": {"date": _DAY, **_PERIOD},
    "period-name-unknown": {**_PERIOD, "known": "FY2025-Q1"},
    "period-name-wrong": {"name": "2024-Q1", "example": "FY2024-Q1"},
    "period-order": {"period": "FY2024-Q2", "action": "closed", "other": "FY2024-Q1", "state": "open"},
    "period-overlap": {**_PERIOD},
    "period-unknown": {"date": _DAY},
    "posting-empty": {**_ENTRY, "line": 2},
    "maker-cannot-approve": {"number": 7, "person": "ada ali"},
    "not-the-maker": {"number": 7, "person": "ada ali"},
    "person-not-named": {"because": "every close waits for a second person"},
    "proposal-decided": {"number": 7, "verdict": "approved", "person": "ben bold"},
    "proposal-outdated": {"number": 7, "words": "closes FY2024-Q1, issue 1"},
    "proposal-unknown": {"number": 7},
    "rejection-reason-missing": {"number": 7},
    "run-needs-own-ledger": {"partnership": "millbrook"},
    "provider-unusable": {"fault": "https://id.example.org answers 500"},
    "quantity-too-large": {**_ENTRY, "line": 1, "quantity": 10**16},
    "reason-missing": {**_PERIOD},
    "record-unacceptable": {"rule": "ck_entry_kind"},
    "reference-missing": {"kind": "expenditure", "date": _DAY},
    "request-invalid": {"where": "limit", "fault": "it is not a number"},
    "request-malformed": {"fault": "the path is not text"},
    "roles-missing": {"app": "poolbook_app", "reader": "poolbook_reader"},
    "route-unknown": {"path": "/v2"},
    "right-missing": {"who": "key:k-12", "does": "close periods and reopen them", "right": "close"},
    "scenario-base-damaged": {"fault": "its text does not match its checksum"},
    "scenario-base-other": {"case": "examples/northshire-2024", "found": "8f6d", "wanted": "77b2"},
    "scenario-cell-changed": {"wanted": "=Steps!$D$6", "found": "'12'"},
    "scenario-cell-far": {},
    "scenario-input-empty": {"baseline": "4,000,000.00"},
    "scenario-input-formula": {"found": "=B6*2"},
    "scenario-input-not-number": {"found": "twelve"},
    "scenario-input-range": {"low": "0", "high": "100", "found": "-1"},
    "scenario-input-too-fine": {"places": 2, "found": "12.345"},
    "scenario-name-changed": {"name": "out_totals_actual", "wanted": "Results!E9", "found": "nothing"},
    "scenario-order-doubled": {"number": 2, "free": "1", "steps": 3},
    "scenario-sheet-missing": {"sheet": "Steps"},
    "scenario-template-unknown": {"known": "poolbook-scenario/1", "found": "'budget.xlsx'"},
    "scenario-unknown": {"entries": 12},
    "scenario-year-unknown": {"year": "FY2010", "first": "FY2024"},
    "workbook-active-content": {"part": "xl/vbaProject.bin"},
    "workbook-doctype": {"part": "xl/workbook.xml"},
    "workbook-external-link": {"part": "xl/externalLinks/externalLink1.xml"},
    "workbook-part-broken": {"part": "xl/workbook.xml", "fault": "no element found"},
    "workbook-parts-wrong": {"fault": "xl/workbook.xml is there twice"},
    "workbook-too-large": {"limit": "10,000,000 bytes"},
    "workbook-unpacks-too-large": {"part": "xl/worksheets/sheet1.xml", "limit": "40,000,000 bytes"},
    "workbook-unreadable": {"fault": "File is not a zip file"},
    "secret-missing": {},
    "secret-too-short": {"least": 32, "length": 8},
    "server-not-ready": {},
    "setting-not-one-of": {"variable": "POOLBOOK_LOG_LEVEL", "text": "loud", "allowed": "debug, info"},
    "setting-wrong": {"variable": "POOLBOOK_PORT", "text": "many"},
    "sign-in-failed": {"fault": "it was finished before"},
    "sign-in-off": {},
    "statement-format-unknown": {"found": "poolbook.statement/2", "known": "poolbook.statement/1"},
    "statement-key-missing": {"key": "totals.budget"},
    "statement-key-unknown": {"key": "totals.budgets"},
    "statement-missing": {**_PERIOD},
    "statement-unreadable": {"reason": "line 3: expected a comma"},
    "statement-value-wrong": {"found": "12", "wanted": "an amount"},
    "terms-wrong": {"fault": "the two do not go together", "mend": "keep one"},
    "text-unusable": {**_ENTRY, "field": "memo", "longest": 100_000},
    "too-many-requests": {"who": "this key or sign-in", "rate": "6,000", "seconds": 3},
    "token-refused": {"fault": "it has expired"},
    "too-few-postings": {**_ENTRY, "count": 1},
    "unbalanced": {**_ENTRY, "difference": "0.01"},
    "unbalanced-in-fund": {**_ENTRY, "fund": "core", "difference": "0.01"},
    "unexpected": {"request": "8c1f"},
    "units-unreadable": {"text": "a dozen"},
    "yaml-too-large": {"limit": "40 levels"},
}


def _classes() -> list[type[PoolbookError]]:
    """Every error class of every room: all their modules are imported first."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)
    return sorted((kind for kind in catalogue() if kind.__module__.split(".")[0] in ROOMS), key=lambda k: k.code)


CLASSES = _classes()


def raised() -> str:
    """How each error of `EXAMPLES` reads."""
    kinds = {kind.code: kind for kind in CLASSES}
    return "\n".join(str(kinds[code](**facts)) for code, facts in EXAMPLES.items() if code in kinds) + "\n"


def _from_files() -> set[str]:
    kept = [cases.golden(path) for path in (*cases.AGREEMENTS, *cases.EVENTS)]
    return {code for path in kept if path.exists()
            for code in re.findall(r"  \[([a-z0-9-]+)\]$", path.read_text(encoding="utf-8"), re.MULTILINE)}


def _facts_of(kind: type[PoolbookError]) -> set[str]:
    """The facts that a class's two sentences need."""
    return {field.split(".")[0].split("[")[0] for sentence in (kind.what, kind.remedy)
            for _, field, _, _ in string.Formatter().parse(sentence) if field}


def test_every_code_has_a_case() -> None:
    without = {kind.code for kind in CLASSES} - _from_files() - set(EXAMPLES)
    assert not without, f"add a broken file, or an example here, for: {', '.join(sorted(without))}"


def test_no_example_is_left_over() -> None:
    codes = {kind.code for kind in CLASSES}
    assert set(EXAMPLES) <= codes, f"no class has the code {set(EXAMPLES) - codes}"


def test_no_two_classes_share_a_code() -> None:
    twice = {code for code, count in Counter(kind.code for kind in CLASSES).items() if count > 1}
    assert not twice, f"two classes have the code {', '.join(sorted(twice))}"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_its_sentences_can_be_filled_in(kind: type[PoolbookError]) -> None:
    facts = EXAMPLES.get(kind.code, dict.fromkeys(_facts_of(kind), "x"))
    assert set(facts) == _facts_of(kind), "an example states the facts that the sentences need"
    error = kind(**facts)
    assert not error.message.endswith("."), "one sentence, without its full stop"
    assert error.advice, "it says what to do"
    assert 400 <= kind.status < 600
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", kind.code)
    assert error.as_data()["code"] == kind.code


def test_the_messages_that_no_file_causes() -> None:
    assert raised() == RAISED.read_text(encoding="utf-8"), "python -m tests.errors.renew"
