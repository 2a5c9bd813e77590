"""Why rows of a bank's suggestions are not posted: each cause its own error, with the row."""

from __future__ import annotations

from ledger.errors import PoolbookError


class BankRowsColumn(PoolbookError):
    code = "bank-rows-column"
    what = "the file of suggestions has no column {column!r}"
    remedy = "begin from a file that poolbook bank import writes, and leave its columns as they are"


class BankAcceptUnclear(PoolbookError):
    code = "bank-accept-unclear"
    what = "{found!r} is neither yes nor no"
    remedy = "write yes to post the row, or leave the cell empty"


class BankEventMissing(PoolbookError):
    code = "bank-event-missing"
    what = "nothing says what bank line {line} is"
    remedy = "write its event (contribution, payment, income ...) and what that needs, or take the yes away"


class BankRowsDiffer(PoolbookError):
    code = "bank-rows-differ"
    what = "the accepted rows of bank line {line} move {events} at the bank, and the line itself {amount}"
    remedy = "accept all rows of the line, or change their amounts until they come to it; no partner may hold the cash"


class BankLinePosted(PoolbookError):
    code = "bank-line-posted"
    what = "bank line {line} was posted before as {kind} {reference} (entry {entry}), which these rows do not say"
    remedy = ("reverse entry {entry} first, and accept the rows again; or, if that was another line to which the bank "
              "gave the same reference, write another in the column reference")
    status = 409
