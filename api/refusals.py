"""Why a command or a request is refused before it reaches the books."""

from __future__ import annotations

from ledger.errors import PoolbookError


class DatabaseNotReady(PoolbookError):
    code = "database-not-ready"
    what = "the database {database} is not there, or is of another version of Poolbook"
    remedy = "make it or bring it up to date first: poolbook init --database {database}"
    status = 503


class PartnershipNotNamed(PoolbookError):
    code = "partnership-not-named"
    what = "the database does not hold exactly one partnership"
    remedy = "say which with --partnership: {known}; or apply an agreement first: poolbook apply AGREEMENT.yaml"


class CaseIncomplete(PoolbookError):
    code = "case-incomplete"
    what = "the folder {folder} holds no agreement.yaml"
    remedy = "a case is a folder with agreement.yaml and any number of CSV files of events"


class MomentUnreadable(PoolbookError):
    code = "moment-unreadable"
    what = "{text!r} is not a moment"
    remedy = "write a date or a date and time with its zone, for example 2024-07-31 or 2024-07-31T17:00:00+01:00"
