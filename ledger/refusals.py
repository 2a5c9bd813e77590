"""Why the books refuse: one class per cause, in words for the person who has to put it right."""

from __future__ import annotations

from ledger.errors import PoolbookError


class Unbalanced(PoolbookError):
    code = "unbalanced"
    what = "entry {reference!r} does not balance: its postings total {difference} instead of zero"
    remedy = "check the amounts: debits (positive) and credits (negative) of one entry must total zero"


class UnbalancedInFund(PoolbookError):
    code = "unbalanced-in-fund"
    what = "entry {reference!r} balances in total but not within fund {fund!r}: {difference} is left over"
    remedy = "make each fund balance by itself; money that moves between funds needs a pair of postings in each fund"


class TooFewPostings(PoolbookError):
    code = "too-few-postings"
    what = "entry {reference!r} has only {count} posting"
    remedy = "name at least two accounts: the one that receives and the one that gives"


class PostingEmpty(PoolbookError):
    code = "posting-empty"
    what = "entry {reference!r}, posting {line}, has neither an amount nor units"
    remedy = "leave the posting out, or give its amount"


class QuantityTooLarge(PoolbookError):
    code = "quantity-too-large"
    what = "entry {reference!r}, posting {line}: {quantity} is beyond what one posting may hold"
    remedy = "check for a misplaced decimal point; split a real quantity of this size into several postings"


class AccountUnknown(PoolbookError):
    code = "account-unknown"
    what = "entry {reference!r} names the account {account!r}, which these books do not have"
    remedy = "{suggestion}"


class AccountMalformed(PoolbookError):
    code = "account-malformed"
    what = "{account!r} is not an account name"
    remedy = ("write a path that starts with assets, liabilities, equity, reserves, income or expenses and whose parts "
              "are separated by single colons, for example assets:bank:core")


class TextUnusable(PoolbookError):
    code = "text-unusable"
    what = "entry {reference!r}: the {field} holds a control character or is longer than {longest} characters"
    remedy = "shorten it, or remove what a word processor or an export left in it"


class ReferenceMissing(PoolbookError):
    code = "reference-missing"
    what = "a {kind} of {date} has no reference"
    remedy = "give each entry a reference of its own, such as the invoice or remittance number"


class ReferenceReused(PoolbookError):
    code = "reference-reused"
    what = "the reference {reference!r} was already used for another {kind} with other content"
    remedy = "give the new one its own reference; to correct what is recorded, reverse it and record it afresh"
    status = 409


class PeriodUnknown(PoolbookError):
    code = "period-unknown"
    what = "{date} lies outside the calendar of these books"
    remedy = "check the date; if it is right, apply an agreement whose calendar covers it"


class PeriodNameUnknown(PoolbookError):
    code = "period-name-unknown"
    what = "these books have no period {period!r}"
    remedy = "use one of the periods of the calendar: {known}"
    status = 404


class PeriodClosed(PoolbookError):
    code = "period-closed"
    what = "{date} lies in {period}, which is closed"
    remedy = "date the entry in an open period and name the period it belongs to, or reopen {period} with a reason"
    status = 409


class PeriodOrder(PoolbookError):
    code = "period-order"
    what = "{period} cannot be {action} while {other} is {state}"
    remedy = "close periods from the earliest on, and reopen them from the latest back; deal with {other} first"
    status = 409


class PeriodAlready(PoolbookError):
    code = "period-already"
    what = "{period} is already {state}"
    remedy = "nothing needs doing; list the periods to see where the books stand: poolbook periods"
    status = 409


class PeriodOverlap(PoolbookError):
    code = "period-overlap"
    what = "the period {period} cannot be added: it overlaps, ends before it starts, or differs from one already there"
    remedy = "periods are fixed once made: give each day to one period, in the order of the calendar"
    status = 409


class ReasonMissing(PoolbookError):
    code = "reason-missing"
    what = "reopening {period} needs a reason"
    remedy = "say in a few words why the period is reopened; the reason is kept for good"


class EntryUnknown(PoolbookError):
    code = "entry-unknown"
    what = "these books have no entry {number}"
    remedy = "look the entry up by its reference; entries are numbered from 1 without gaps"
    status = 404


class AlreadyReversed(PoolbookError):
    code = "already-reversed"
    what = "entry {number} has already been reversed"
    remedy = "an entry is undone once; to correct further, record a new entry"
    status = 409


class PartnershipUnknown(PoolbookError):
    code = "partnership-unknown"
    what = "this database has no partnership {partnership!r}"
    remedy = "check the name, or apply the partnership's agreement first"
    status = 404


class PartnershipExists(PoolbookError):
    code = "partnership-exists"
    what = "this database already has a partnership {partnership!r}"
    remedy = "open the partnership that is there, or choose another id"
    status = 409


class AppendOnly(PoolbookError):
    code = "append-only"
    what = "the database refused to change or remove what is recorded ({rule})"
    remedy = "nothing recorded is ever altered: reverse the entry and record the right one"
    status = 409


class ChainBroken(PoolbookError):
    code = "chain-broken"
    what = "the database refused entries that do not follow the last sealed one ({rule})"
    remedy = "post again through Poolbook; if it happens again, run the verification and keep a copy of the database"
    status = 409


class IdempotencyKeyReused(PoolbookError):
    code = "idempotency-key-reused"
    what = "the idempotency key {key!r} was already used for a different request"
    remedy = "use a fresh key for each new request; repeat a key only to repeat the same request"
    status = 409


class RecordUnacceptable(PoolbookError):
    code = "record-unacceptable"
    what = "the database refused a value ({rule})"
    remedy = "check the values against the documentation; nothing was recorded"


class DatabaseBusy(PoolbookError):
    code = "database-busy"
    what = "the database is busy with somebody else's work"
    remedy = "try again in a moment; nothing was recorded"
    status = 503


class DatabaseFull(PoolbookError):
    code = "database-full"
    what = "the disk on which the database keeps the books is full; nothing was recorded"
    remedy = "whoever runs the database makes room or gives it a larger disk; then do the same again"
    status = 507


class DatabaseLost(PoolbookError):
    code = "database-lost"
    what = "the connection to the database broke off before it answered, so it is not known whether this was recorded"
    remedy = "do the same again, over HTTP with the same Idempotency-Key: what was recorded is not recorded twice"
    status = 503


class DatabaseFileUnusable(PoolbookError):
    code = "database-file-unusable"
    what = "the ledger's file cannot be used: {reason}"
    remedy = ("check its name, and that you may write to it and to its folder: SQLite writes beside a ledger even to "
              "read it. Else copy it into a folder of your own")
    status = 503


class DatabaseFailed(PoolbookError):
    code = "database-failed"
    what = "the database could not do what was asked: {reason}"
    remedy = "look at the database's own log; nothing was recorded"
    status = 503
