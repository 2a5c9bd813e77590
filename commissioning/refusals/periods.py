"""Why a period refuses: it is closed, it cannot be closed, or it has no statement."""

from __future__ import annotations

from ledger.errors import PoolbookError


class EventInClosedPeriod(PoolbookError):
    code = "event-in-closed-period"
    what = "{date} lies in {period}, which is closed"
    remedy = "post it late, in the open period (--late), or reopen {period} (poolbook reopen {period} --reason ...)"
    status = 409


class EventOfClosedYear(PoolbookError):
    code = "event-of-closed-year"
    what = "{date} lies in {year}, which is closed, and a {event} counts only in the year of its date"
    remedy = "reopen {period} and enter it there (poolbook reopen {period} --reason ...), or leave it out"
    status = 409


class CheckFails(PoolbookError):
    code = "check-fails"
    what = "the statement of {period} would not hold its own check: {check}"
    remedy = "nothing was closed; look for journal entries on accounts of partners or services, or tell the maintainers"
    status = 409


class StatementMissing(PoolbookError):
    code = "statement-missing"
    what = "no statement has been issued for {period}"
    remedy = "close the period first: poolbook close {period}"
    status = 404
