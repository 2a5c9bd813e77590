"""Why a page cannot be shown."""

from __future__ import annotations

from ledger.errors import PoolbookError


class PageUnknown(PoolbookError):
    code = "page-unknown"
    what = "nothing is at {path}"
    remedy = "go back, or begin at the start: addresses are typed rarely and mistyped often"
    status = 404


class FieldWrong(PoolbookError):
    code = "field-wrong"
    what = "{field}: {fault}"
    remedy = "correct this and send it again; the browser's way back keeps what was filled in"


class LateNotTicked(PoolbookError):
    code = "late-not-ticked"
    what = "{date} lies in {period}, which is closed"
    remedy = "tick \u201c{box}\u201d, or open {period} again"
    status = 409


class LineMissing(PoolbookError):
    code = "line-missing"
    what = "the statement for {period} has no {kind} {name!r}"
    remedy = "go back to the statement and choose one of: {known}"
    status = 404


class FigureMissing(PoolbookError):
    code = "figure-missing"
    what = "the statement for {period} has no figure {name!r}"
    remedy = "go back to the statement and follow one of its figures"
    status = 404


class CheckedLost(PoolbookError):
    code = "checked-file-lost"
    what = "the file that was checked did not come back as it was, or more than an hour later"
    remedy = "choose the file and have it checked again, then confirm within the hour"
