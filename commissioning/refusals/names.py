"""Why a name is refused: it cannot be one, or what it names is not in the agreement."""

from __future__ import annotations

from ledger.errors import PoolbookError


class IdMalformed(PoolbookError):
    code = "id-malformed"
    what = "{id!r} cannot be an id"
    remedy = ("use up to 60 letters from a to z, digits, full stops, hyphens and underscores, beginning with a "
              "letter or digit")


class IdReserved(PoolbookError):
    code = "id-reserved"
    what = "{id!r} cannot be an id here: events, statements or accounts use this word for something else"
    remedy = "choose another, for example {id}-1"


class AccountKept(PoolbookError):
    code = "account-kept"
    what = "{account!r} cannot be added: Poolbook opens the accounts there, and statements would leave another one out"
    remedy = ("what the agreement's partners, funds, services and reserves need is there without it; name your own "
              "elsewhere, for example liabilities:vat, and cost below its service: expenses:{service}:travel")


class NameTwice(PoolbookError):
    code = "name-twice"
    what = "the {kind} {name!r} is there twice"
    remedy = "give one of the two another id"


class NameInUse(PoolbookError):
    code = "name-in-use"
    what = "the file drops the {kind} {name!r}, which has entries in the books"
    remedy = "keep it in the file; a {kind} that leaves has an earlier version in which it stands"
    status = 409


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


class AgreementLater(PoolbookError):
    code = "agreement-later"
    what = "the books of {partnership!r} were not begun yet at that moment"
    remedy = "name a later moment: nothing was known before their first agreement was applied"
    status = 404


class NoAgreement(PoolbookError):
    code = "no-agreement"
    what = "no agreement has been applied to the partnership {partnership!r} yet"
    remedy = "apply one first: poolbook apply AGREEMENT.yaml"
    status = 409


class NoVersionInForce(PoolbookError):
    code = "no-version-in-force"
    what = "no version of the agreement is in force on {date}"
    remedy = "correct the date, or add a version that covers that day"
