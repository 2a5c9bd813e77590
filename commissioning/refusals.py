"""Why an agreement, an event or a close is refused: one class per cause, in words for a tired finance officer."""

from __future__ import annotations

from ledger.errors import PoolbookError


class YamlUnreadable(PoolbookError):
    code = "yaml-unreadable"
    what = "the file is not readable as YAML: {fault}"
    remedy = "look at this line and the one before it: a missing colon or quote, or a tab in place of spaces"


class YamlAlias(PoolbookError):
    code = "yaml-alias"
    what = "the anchor or alias {name!r} is not allowed"
    remedy = "write the values out; what partners sign should read without looking elsewhere"


class YamlTooLarge(PoolbookError):
    code = "yaml-too-large"
    what = "the file is larger or more deeply nested than an agreement may be ({limit})"
    remedy = "check that this is the agreement file; move tables of events into CSV files"


class FileUnreadable(PoolbookError):
    code = "file-unreadable"
    what = "the file cannot be read: {fault}"
    remedy = "check the name and the folder; files are plain text in UTF-8"


class KeyTwice(PoolbookError):
    code = "key-twice"
    what = "the key {key!r} stands twice in the same place"
    remedy = "keep one of the two, or give one another name"


class KeyUnknown(PoolbookError):
    code = "key-unknown"
    what = "the key {key!r} has no meaning here"
    remedy = "take it out or correct its spelling{hint}"


class KeyMissing(PoolbookError):
    code = "key-missing"
    what = "the key {key!r} is missing"
    remedy = "add `{key}:` here"


class ValueNotAllowed(PoolbookError):
    code = "value-not-allowed"
    what = "{value!r} is not one of the values that may stand here"
    remedy = "write one of: {allowed}"


class ValueWrong(PoolbookError):
    code = "value-wrong"
    what = "{value} cannot stand here: {fault}"
    remedy = "see AGREEMENTS §2 for what this key takes"


class IdMalformed(PoolbookError):
    code = "id-malformed"
    what = "{id!r} cannot be an id"
    remedy = "use up to 60 letters, digits, full stops, hyphens and underscores, beginning with a letter or digit"


class IdReserved(PoolbookError):
    code = "id-reserved"
    what = "{id!r} cannot be an id here: events, statements or accounts use this word for something else"
    remedy = "choose another, for example {id}-1"


class DateUnreadable(PoolbookError):
    code = "date-unreadable"
    what = "{text!r} is not a date"
    remedy = "write year-month-day, for example 2024-04-01"


class AccrualReversesItself(PoolbookError):
    code = "accrual-reverses-itself"
    what = "the accrual {against} reverses itself on the first day of {period}"
    remedy = "leave the reversal out; if the accrual was wrong, put the difference right by another accrual"
    status = 409


class ScenarioNotKept(PoolbookError):
    code = "scenario-not-kept"
    what = "no scenario is kept under the number {number}"
    remedy = "take a number from the list of scenarios, or upload the workbook again with a name"
    status = 404


class LeaverContributes(PoolbookError):
    code = "leaver-contributes"
    what = "{partner} leaves when the version {version} takes effect, but has a contribution line in it"
    remedy = "take its line out of this version, or name it under `leavers:` of the version from which it has left"


class LeaverJoins(PoolbookError):
    code = "leaver-joins"
    what = "{partner} both leaves and joins in the same version"
    remedy = "name it under `leavers:` or under `joiners:`"


class YearStartWrong(PoolbookError):
    code = "year-start-wrong"
    what = "{text!r} is not a day on which a financial year can start"
    remedy = "write month-day, for example 04-01; the day is between 01 and 28"


class PartnerUnknown(PoolbookError):
    code = "partner-unknown"
    what = "there is no partner {name!r}"
    remedy = "write one of: {known}{hint}; or add it under `partners:`"


class FundUnknown(PoolbookError):
    code = "fund-unknown"
    what = "there is no fund {name!r}"
    remedy = "write one of: {known}{hint}; or add it under `funds:`"


class ServiceUnknown(PoolbookError):
    code = "service-unknown"
    what = "there is no service {name!r}"
    remedy = "write one of: {known}{hint}; or add it under `services:`"


class ReserveUnknown(PoolbookError):
    code = "reserve-unknown"
    what = "there is no reserve {name!r}"
    remedy = "write one of: {known}{hint}; or declare it under `reserves:` at the top of the file"


class OutcomeUnknown(PoolbookError):
    code = "outcome-unknown"
    what = "there is no outcome {name!r}"
    remedy = "write one of: {known}{hint}; or add it under `outcomes:`"


class OutcomeAmbiguous(PoolbookError):
    code = "outcome-ambiguous"
    what = "the event does not say which outcome its units are of"
    remedy = "write the outcome's id in the column source, one of: {known}; or the service, if it has only one"


class HostMissing(PoolbookError):
    code = "host-missing"
    what = "the fund {fund!r} has no host"
    remedy = "add `host:` with the partner that holds the fund's bank account and keeps its books"


class LeadMissing(PoolbookError):
    code = "lead-missing"
    what = "the service {service!r} keeps its variance with its lead, but names none"
    remedy = "add `lead:` with the partner that bears its variance, or write `line: shared`"


class ServiceInOtherFund(PoolbookError):
    code = "service-in-other-fund"
    what = "the service {service!r} belongs to the fund {its_fund!r}, not to {fund!r}"
    remedy = "ring-fence the line for services of its own fund, or move it to the fund {its_fund!r}"


class ContributionIncomplete(PoolbookError):
    code = "contribution-incomplete"
    what = "the contribution line needs either `partner` and `amount`, or `total` and `by`"
    remedy = "state whose line it is and how much, or a total and the basis that divides it"


class InstalmentsMiss(PoolbookError):
    code = "instalments-miss"
    what = "the instalments total {total}, not the line's {amount}"
    remedy = "make the dated amounts total the line exactly"


class InstalmentsYears(PoolbookError):
    code = "instalments-years"
    what = "the dated instalments lie in {years}, but amounts are for one financial year and repeat"
    remedy = "write the dates of one financial year; they repeat each year until a new version replaces them"


class TiersBackwards(PoolbookError):
    code = "tiers-backwards"
    what = "this tier ends at a variance of {until}, but an earlier one ends at {before} already"
    remedy = "write the tiers in rising order of `until_variance`; a tier that ends before it begins takes nothing"


class TotalByContribution(PoolbookError):
    code = "total-by-contribution"
    what = "a total cannot be divided by contribution: these lines are the contributions"
    remedy = "divide it by fixed percentages, equally, by weights, by a formula or among parties"


class ProfileMisses(PoolbookError):
    code = "profile-misses"
    what = "the profile totals {total}, not the budget of {budget}"
    remedy = "make the period amounts total the budget exactly"


class ProfileLength(PoolbookError):
    code = "profile-length"
    what = "the profile has {count} amounts, but the year has {periods} periods"
    remedy = "write one amount for each period of the year"


class VersionMissing(PoolbookError):
    code = "version-missing"
    what = "the file holds no version of the agreement"
    remedy = "add one under `agreements:` with its id, the day it takes effect, its funds, services and rules"


class VersionsOverlap(PoolbookError):
    code = "versions-overlap"
    what = "the versions {first!r} and {second!r} are both in force on {date}"
    remedy = "end the earlier one the day before with `until:`, or leave `until` out: a later version takes over"


class DatesReversed(PoolbookError):
    code = "dates-reversed"
    what = "this ends on {until}, before it begins on {effective}"
    remedy = "correct one of the two dates"


class NameTwice(PoolbookError):
    code = "name-twice"
    what = "the {kind} {name!r} is there twice"
    remedy = "give one of the two another id"


class RuleCoversNothing(PoolbookError):
    code = "rule-covers-nothing"
    what = "the rule {rule!r} covers no service"
    remedy = "name a fund with services, or some services, in `applies_to`; rules that name services go before a fund's"


class ServiceCoveredTwice(PoolbookError):
    code = "service-covered-twice"
    what = "the rules {first!r} and {second!r} both cover the service {service!r}"
    remedy = "let one of them name other services; for one service on one day one rule decides"


class OffsetOrder(PoolbookError):
    code = "offset-order"
    what = "the offset uses underspends on {service!r}, which no later rule of the file decides"
    remedy = "move the rule that covers {service!r} below this one; rules run in the order of the file"


class OffsetNotShared(PoolbookError):
    code = "offset-not-shared"
    what = "the offset uses underspends on {service!r}, whose variance no partners share"
    remedy = ("leave {service!r} out of the offset: its underspend is its lead's or its host's, or its cost is shared; "
              "or make its line shared under a rule that comes later in the file")


class RuleOfBothKinds(PoolbookError):
    code = "rule-of-both-kinds"
    what = "the rule {rule!r} shares a variance and a cost"
    remedy = "keep `cost:`, or `overspend:` and `underspend:`"


class FundOfBothKinds(PoolbookError):
    code = "fund-of-both-kinds"
    what = "the rule {rule!r} shares cost in a fund in which the rule {other!r} shares variances"
    remedy = "put the services whose cost is shared into a fund of their own"


class RuleWithoutSteps(PoolbookError):
    code = "rule-without-steps"
    what = "the rule {rule!r} says nothing about overspends or underspends"
    remedy = "add `overspend:` and `underspend:` with the steps that were agreed, or `cost:`"


class FundShort(PoolbookError):
    code = "fund-short"
    what = "the fund {fund!r} has budgets of {budgets} but contributions of {contributions}: {short} is missing"
    remedy = "add the missing contribution or `planned_reserve`, or say `balance: hold` or `balance: share` in the fund"


class PlannedReserveElsewhere(PoolbookError):
    code = "planned-reserve-elsewhere"
    what = "the fund {fund!r} plans to use the reserve {reserve!r}, which lies in the fund {its_fund!r}"
    remedy = "plan to use a reserve of the same fund; every entry balances within its fund"


class PartnershipChanged(PoolbookError):
    code = "partnership-changed"
    what = "the partnership's {key} was {old!r} and would become {new!r}"
    remedy = "keep it as it was: books once begun keep their currency and calendar; begin another partnership instead"
    status = 409


class NoAgreement(PoolbookError):
    code = "no-agreement"
    what = "no agreement has been applied to the partnership {partnership!r} yet"
    remedy = "apply one first: poolbook apply AGREEMENT.yaml"
    status = 409


class NoVersionInForce(PoolbookError):
    code = "no-version-in-force"
    what = "no version of the agreement is in force on {date}"
    remedy = "correct the date, or add a version that covers that day"


class ColumnUnknown(PoolbookError):
    code = "column-unknown"
    what = "the column {column!r} is not one that events have"
    remedy = "write one of: {known}{hint}"


class ColumnMissing(PoolbookError):
    code = "column-missing"
    what = "the file has no column {column!r}"
    remedy = "every file of events has at least the columns date, event and reference"


class CsvUnreadable(PoolbookError):
    code = "csv-unreadable"
    what = "the file is not readable as CSV up to this line: {fault}"
    remedy = "look for a double quote that is opened and not closed, here or further up"


class CsvTooLarge(PoolbookError):
    code = "csv-too-large"
    what = "the file has more than the {limit} that are read at once"
    remedy = "split it into several files, each with the header; or look for rows of separators alone"
    status = 413


class RowRagged(PoolbookError):
    code = "row-ragged"
    what = "the row has {count} fields, but the header has {expected}"
    remedy = "put text that holds a comma in double quotes, and check for a missing comma"


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


class FaultByCase(PoolbookError):
    code = "fault-by-case"
    what = "the cost of {service!r} is charged case by case, so a fault has no variance to leave"
    remedy = "enter it as cost of the case that it concerns, paid by the partner at fault"


class AmountSign(PoolbookError):
    code = "amount-sign"
    what = "the amount of this {event} is {amount}; it must be {must}"
    remedy = "write it {must}; what was wrong before is put right by a refund, a reversal or an adjustment"


class VirementNotZero(PoolbookError):
    code = "virement-not-zero"
    what = "the rows of the virement {reference!r} total {total}, not zero"
    remedy = "what one service gains another loses: complete the virement in the same file"


class VirementIncomplete(PoolbookError):
    code = "virement-incomplete"
    what = "another row of the virement {reference!r} is refused"
    remedy = "mend that row, and hand in both again: what one service gains another loses"


class FundAmbiguous(PoolbookError):
    code = "fund-ambiguous"
    what = "this {event} could belong to the funds {funds}"
    remedy = "fill in the column fund"


class AgainstUnknown(PoolbookError):
    code = "against-unknown"
    what = "there is no event with the reference {reference!r} to reverse"
    remedy = "write in `against` the reference of the event to undo, as `reference` or `kind:reference`"


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


class SettlementPeriod(PoolbookError):
    code = "settlement-period"
    what = "{name!r} is not a period whose settlement could be paid"
    remedy = "name the period in the column source, for example {example}"


class EventInClosedPeriod(PoolbookError):
    code = "event-in-closed-period"
    what = "{date} lies in {period}, which is closed"
    remedy = "post it late, in the open period (--late), or reopen {period} (poolbook reopen {period} --reason ...)"
    status = 409


class ReversalAfterService(PoolbookError):
    code = "reversal-after-service"
    what = "a fault is taken back on the day of its reversal, and on {date} the agreement has no service {service!r}"
    remedy = "date the reversal while the service runs (it is in {version}), and post it late if that period is closed"


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


class NameInUse(PoolbookError):
    code = "name-in-use"
    what = "the file drops the {kind} {name!r}, which has entries in the books"
    remedy = "keep it in the file; a {kind} that leaves has an earlier version in which it stands"
    status = 409


class StatementMissing(PoolbookError):
    code = "statement-missing"
    what = "no statement has been issued for {period}"
    remedy = "close the period first: poolbook close {period}"
    status = 404


class UnitsNegative(PoolbookError):
    code = "units-negative"
    what = "{units} units are fewer than none"
    remedy = "write what was used; what was entered wrongly before is undone by a reversal"


class UnitsUnreadable(PoolbookError):
    code = "units-unreadable"
    what = "{text!r} is not a number of units"
    remedy = "write digits, with a full stop and up to six decimals where they are needed, for example 12 or 7.5"


class ProposalUnknown(PoolbookError):
    code = "proposal-unknown"
    what = "there is no proposal {number}"
    remedy = "list the proposals to see their numbers: poolbook proposals"
    status = 404


class ProposalDecided(PoolbookError):
    code = "proposal-decided"
    what = "proposal {number} was {verdict} by {person} before"
    remedy = "a proposal is decided once; if it should still be done, ask for it again"
    status = 409


class ProposalOutdated(PoolbookError):
    code = "proposal-outdated"
    what = "the books have moved since proposal {number} was made: it would no longer do what it says"
    remedy = "ask for it again and approve the new proposal; now it would be: {words}"
    status = 409


class MakerCannotApprove(PoolbookError):
    code = "maker-cannot-approve"
    what = "proposal {number} was made by {person}, who cannot approve it, whatever the key"
    remedy = "a second person approves it; its maker may withdraw it"
    status = 403


class NotTheMaker(PoolbookError):
    code = "not-the-maker"
    what = "proposal {number} was made by {person}, and only its maker withdraws it"
    remedy = "somebody who may approve can reject it, with a reason"
    status = 403


class RejectionReasonMissing(PoolbookError):
    code = "rejection-reason-missing"
    what = "proposal {number} cannot be rejected without saying why"
    remedy = "give the reason; its maker will read it"


class PersonNotNamed(PoolbookError):
    code = "person-not-named"
    what = "{because}, and it is not proved who asks for it"
    remedy = "give your key: --key-file FILE, or POOLBOOK_KEY; `poolbook key new` makes one"
    status = 403


class RunNeedsOwnLedger(PoolbookError):
    code = "run-needs-own-ledger"
    what = "the books of {partnership} are kept under four eyes; a run would pass by its approvals"
    remedy = "run the case into a ledger of its own (another --out or --database), or use import and close"
    status = 409


class ScenarioYearUnknown(PoolbookError):
    code = "scenario-year-unknown"
    what = "no version of the agreement is in force in {year}"
    remedy = "name a year from {first} on in which the agreement runs: --year {first}"


class ScenarioOrderDoubled(PoolbookError):
    code = "scenario-order-doubled"
    what = "two steps of this list are to run as number {number}, and none as number {free}"
    remedy = "give each of its {steps} steps a number of its own, from 1 to {steps}"


class ScenarioUnknown(PoolbookError):
    code = "scenario-unknown"
    what = "the books never stood at {entries} entries, so no scenario was begun from there"
    remedy = "begin one from the books as they are: POST .../scenarios"
    status = 404
