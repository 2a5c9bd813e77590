"""Why a report is refused: what it was asked for, and what somebody sent for it."""

from __future__ import annotations

from ledger.errors import PoolbookError


class ReportUnknown(PoolbookError):
    code = "report-unknown"
    what = "there is no report {name!r}{hint}"
    remedy = "name one of these: {known}"
    status = 404


class ReportNeedsPartner(PoolbookError):
    code = "report-needs-partner"
    what = "the report {name} is made for one partner, and none is named"
    remedy = "name one of the partnership's partners: {known}"


class ReportTableUnknown(PoolbookError):
    code = "report-table-unknown"
    what = "the report {name} has no table {table!r}"
    remedy = "name one of its tables: {known}"
    status = 404


class ReportOptionWrong(PoolbookError):
    code = "report-option-wrong"
    what = "{text!r} says nothing about {option}"
    remedy = "write {form}"


class ReportNameUnknown(PoolbookError):
    code = "report-name-unknown"
    what = "{option} names {name!r}, which the agreement does not have{hint}"
    remedy = "name one of these: {known}"


class BalanceFigureUnknown(PoolbookError):
    code = "balance-figure-unknown"
    what = "{name!r} is no figure of an agreement of balances"
    remedy = "write receivable, payable, income or expenditure, as the partner's own books have them"


class BalanceTwice(PoolbookError):
    code = "balance-figure-twice"
    what = "the {figure} of {partner} stands in the file a second time"
    remedy = "keep one line for each partner and figure"
