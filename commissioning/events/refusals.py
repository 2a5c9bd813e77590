"""Why an event is refused: something is missing, wrong, or does not fit what it refers to."""

from __future__ import annotations

from ledger.errors import PoolbookError


class EventUnknown(PoolbookError):
    code = "event-unknown"
    what = "there is no event {name!r}"
    remedy = "write one of: {known}{hint}"


class FieldMissing(PoolbookError):
    code = "field-missing"
    what = "{event} needs the column {field}, which is empty"
    remedy = "fill in {field} in this row"


class ColumnWanted(PoolbookError):
    code = "column-wanted"
    what = "the cost rule of {service!r} needs the column {column}, which is empty"
    remedy = "fill in {column} in this row: without it nobody can say who bears this cost"


class AmountSign(PoolbookError):
    code = "amount-sign"
    what = "the amount of this {event} is {amount}; it must be {must}"
    remedy = "write it {must}; what was wrong before is put right by a refund, a reversal or an adjustment"


class UnitsNegative(PoolbookError):
    code = "units-negative"
    what = "{units} units are fewer than none"
    remedy = "write what was used; what was entered wrongly before is undone by a reversal"


class UnitsUnreadable(PoolbookError):
    code = "units-unreadable"
    what = "{text!r} is not a number of units"
    remedy = "write digits, with a full stop and up to six decimals where they are needed, for example 12 or 7.5"


class FundAmbiguous(PoolbookError):
    code = "fund-ambiguous"
    what = "this {event} could belong to the funds {funds}"
    remedy = "fill in the column fund"


class OutcomeAmbiguous(PoolbookError):
    code = "outcome-ambiguous"
    what = "the event does not say which outcome its units are of"
    remedy = "write the outcome's id in the column source, one of: {known}; or the service, if it has only one"


class FaultByCase(PoolbookError):
    code = "fault-by-case"
    what = "the cost of {service!r} is charged case by case, so a fault has no variance to leave"
    remedy = "enter it as cost of the case that it concerns, paid by the partner at fault"


class VirementNotZero(PoolbookError):
    code = "virement-not-zero"
    what = "the rows of the virement {reference!r} total {total}, not zero"
    remedy = "what one service gains another loses: complete the virement in the same file"


class VirementIncomplete(PoolbookError):
    code = "virement-incomplete"
    what = "another row of the virement {reference!r} is refused"
    remedy = "mend that row, and hand in both again: what one service gains another loses"


class SettlementPeriod(PoolbookError):
    code = "settlement-period"
    what = "{name!r} is not a period whose settlement could be paid"
    remedy = "name the period in the column source, for example {example}"


class AgainstUnknown(PoolbookError):
    code = "against-unknown"
    what = "there is no event with the reference {reference!r} to reverse"
    remedy = ("write in `against` the reference of the event to undo, as `reference` or `kind:reference`; a reversal "
              "is not undone in its turn: enter afresh what it undid")


class AgainstAmbiguous(PoolbookError):
    code = "against-ambiguous"
    what = "several events have the reference {reference!r}: {kinds}"
    remedy = "write the kind before it, for example {example}"


class ReversalPartial(PoolbookError):
    code = "reversal-partial"
    what = "the reversal is of {amount}, but what it undoes is {whole}"
    remedy = "a reversal undoes the whole: leave the amount empty, and enter what was right as a new event"


class ReversalEarly(PoolbookError):
    code = "reversal-early"
    what = "the reversal is dated {date}, before what it undoes, which is of {undone}"
    remedy = "date it on the day on which it was found to be wrong; it counts from then"


class ReversalAfterService(PoolbookError):
    code = "reversal-after-service"
    what = "a fault is taken back on the day of its reversal, and on {date} the agreement has no service {service!r}"
    remedy = "date the reversal while the service runs (it is in {version}), and post it late if that period is closed"


class AccrualReversesItself(PoolbookError):
    code = "accrual-reverses-itself"
    what = "the accrual {against} reverses itself on the first day of {period}"
    remedy = "leave the reversal out; if the accrual was wrong, put the difference right by another accrual"
    status = 409
