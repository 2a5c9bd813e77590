"""Why an agreement is refused: its terms do not hang together, or what its rules cover and how their steps go on."""

from __future__ import annotations

from ledger.errors import PoolbookError


class YearStartWrong(PoolbookError):
    code = "year-start-wrong"
    what = "{text!r} is not a day on which a financial year can start"
    remedy = "write month-day, for example 04-01; the day is between 01 and 28"


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


class LeaverContributes(PoolbookError):
    code = "leaver-contributes"
    what = "{partner} leaves when the version {version} takes effect, but has a contribution line in it"
    remedy = "take its line out of this version, or name it under `leavers:` of the version from which it has left"


class LeaverJoins(PoolbookError):
    code = "leaver-joins"
    what = "{partner} both leaves and joins in the same version"
    remedy = "name it under `leavers:` or under `joiners:`"


class HostMissing(PoolbookError):
    code = "host-missing"
    what = "the fund {fund!r} has no host"
    remedy = "add `host:` with the partner that holds the fund's bank account and keeps its books"


class LeadMissing(PoolbookError):
    code = "lead-missing"
    what = "the service {service!r} keeps its variance with its lead, but names none"
    remedy = "add `lead:` with the partner that bears its variance, or write `line: shared`"


class LineOfSharedCost(PoolbookError):
    code = "line-of-shared-cost"
    what = "the service {service!r} says `line: {line}`, but its whole cost is shared by the rule {rule!r}"
    remedy = ("take `line:` out; if one partner is to bear what {service!r} costs, give that service a rule of its own "
              "with `cost:`, `by: fixed` and 100 percent for that partner")


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


class RuleOfTwoFunds(PoolbookError):
    code = "rule-of-two-funds"
    what = "the rule {rule!r} names the fund {fund!r} and the service {service!r}, which belongs to {its_fund!r}"
    remedy = "name the fund alone, or the services alone: a rule covers the services that it names, of whatever fund"


class RuleCoversNothing(PoolbookError):
    code = "rule-covers-nothing"
    what = "the rule {rule!r} covers no service"
    remedy = "name a fund with services, or some services, in `applies_to`; rules that name services go before a fund's"


class ServiceCoveredTwice(PoolbookError):
    code = "service-covered-twice"
    what = "the rules {first!r} and {second!r} both cover the service {service!r}"
    remedy = "let one of them name other services; for one service on one day one rule decides"


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


class TiersBackwards(PoolbookError):
    code = "tiers-backwards"
    what = "this tier ends at a variance of {until}, but an earlier one ends at {before} already"
    remedy = "write the tiers in rising order of `until_variance`; a tier that ends before it begins takes nothing"


class OffsetOrder(PoolbookError):
    code = "offset-order"
    what = "the offset uses underspends on {service!r}, which no later rule of the file decides"
    remedy = "move the rule that covers {service!r} below this one; rules run in the order of the file"


class OffsetNotShared(PoolbookError):
    code = "offset-not-shared"
    what = "the offset uses underspends on {service!r}, whose variance no partners share"
    remedy = ("leave {service!r} out of the offset: its underspend is its lead's or its host's, or its cost is shared; "
              "or make its line shared under a rule that comes later in the file")
