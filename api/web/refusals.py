"""Why a page cannot be shown."""

from __future__ import annotations

from ledger.errors import PoolbookError


class LineMissing(PoolbookError):
    code = "line-missing"
    what = "the statement for {period} has no {kind} {name!r}"
    remedy = "go back to the statement and choose one of: {known}"
    status = 404
