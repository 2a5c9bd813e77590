"""Why a rule of an agreement is refused: what it covers, and how its steps go together."""

from __future__ import annotations

from ledger.errors import PoolbookError


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
