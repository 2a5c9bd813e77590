"""Why a command or a request is refused before it reaches the books."""

from __future__ import annotations

from ledger.errors import PoolbookError


class DatabaseNotReady(PoolbookError):
    code = "database-not-ready"
    what = "the database {database} is not there, or is of an earlier version of Poolbook"
    remedy = "make it or bring it up to date first: poolbook init --database {database}"
    status = 503


class DatabaseLater(PoolbookError):
    code = "database-later"
    what = "the database is of version {found}, made by a later Poolbook than this one, which knows {known}"
    remedy = "use the Poolbook that it was last opened with, or a newer one; nothing was changed"
    status = 503


class CitusMissing(PoolbookError):
    code = "citus-missing"
    what = "the tables cannot be spread over servers: {fault}"
    remedy = "read docs/scaling.md; without --execute the statements are only printed"


class AddressUnusable(PoolbookError):
    code = "address-unusable"
    what = "nobody can be answered at {host}, port {port}: {fault}"
    remedy = "stop what answers there, perhaps Poolbook itself; or name another by --port and --host"
    status = 503


class FileUnwritable(PoolbookError):
    code = "file-unwritable"
    what = "nothing can be written there: {fault}"
    remedy = "check the folder, who may write to it, and how much room is left on its disk; then do the same again"


class StandbyOther(PoolbookError):
    code = "standby-other"
    what = "{database} is no standby of this database: of {partnership} it holds what is not in it"
    remedy = "set POOLBOOK_READ_DATABASE to a hot standby of POOLBOOK_DATABASE, or leave it out"
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


class SettingWrong(PoolbookError):
    code = "setting-wrong"
    what = "the setting {variable} is {text!r}, which is not a whole number above zero"
    remedy = "write digits only, or unset {variable} for its default"


class SettingNotOneOf(PoolbookError):
    code = "setting-not-one-of"
    what = "the setting {variable} is {text!r}, which it cannot be"
    remedy = "set {variable} to one of {allowed}, or unset it for its default"


class BodyTooLarge(PoolbookError):
    code = "body-too-large"
    what = "the body of the request is larger than the {limit} bytes that this server takes"
    remedy = "send it in parts; the setting POOLBOOK_MAX_BODY raises the limit"
    status = 413


class ContentTypeUnsupported(PoolbookError):
    code = "content-type-unsupported"
    what = "this call does not read a body of type {given!r}"
    remedy = "send one of {allowed}, in UTF-8, and say so in the header Content-Type"
    status = 415


class NotAcceptable(PoolbookError):
    code = "not-acceptable"
    what = "there is no answer in a format that the header Accept names: {given!r}"
    remedy = "ask for one of {allowed}"
    status = 406


class BodyTooFine(PoolbookError):
    code = "body-too-fine"
    what = "the body holds more than the {limit} commas and brackets that this server takes in one request"
    remedy = "send it in parts; POOLBOOK_MAX_BODY raises this limit, which is a tenth of it"
    status = 413


class TooManyRequests(PoolbookError):
    code = "too-many-requests"
    what = "{who} has made more than {rate} requests within a minute"
    remedy = "wait {seconds} seconds, then go on more slowly; many events or entries fit into one request"
    status = 429


class MetricsTokenWrong(PoolbookError):
    code = "metrics-token-wrong"
    what = "the figures of this server are behind a token, which the request does not carry"
    remedy = "send the header Authorization: Bearer TOKEN with what POOLBOOK_METRICS_TOKEN says"
    status = 401


class JsonUnreadable(PoolbookError):
    code = "json-unreadable"
    what = "the body is not JSON: {fault}"
    remedy = "look at that place: a missing comma or quote, a key without its value, or a number such as 01 or .5"


class RequestInvalid(PoolbookError):
    code = "request-invalid"
    what = "{where} cannot be read: {fault}"
    remedy = "see /openapi.json for what this call takes; amounts are written as text, for example \"1250.50\""


class CursorUnreadable(PoolbookError):
    code = "cursor-unreadable"
    what = "the cursor {cursor!r} is not one that this server gave"
    remedy = "repeat the call without a cursor, then follow `next` as it is given"


class PartnershipDiffers(PoolbookError):
    code = "partnership-differs"
    what = "the agreement is that of the partnership {inside!r}, but it was sent to {asked!r}"
    remedy = "send it to /v1/partnerships/{inside}/agreement, or correct `partnership: id:`"


class EntryNotReversible(PoolbookError):
    code = "entry-not-reversible"
    what = "entry {number} ({kind}) was made by Poolbook itself and cannot be reversed by hand"
    remedy = "reverse the event that caused it, or reopen the period: its entries are then worked out again"
    status = 409


class RouteUnknown(PoolbookError):
    code = "route-unknown"
    what = "there is nothing at {path}"
    remedy = "see /openapi.json for the calls that there are"
    status = 404


class MethodUnknown(PoolbookError):
    code = "method-unknown"
    what = "{path} does not know the method {method}"
    remedy = "use one of {allowed}"
    status = 405


class RequestMalformed(PoolbookError):
    code = "request-malformed"
    what = "the request cannot be understood: {fault}"
    remedy = "see /openapi.json for the calls that there are"
    status = 400


class ServerNotReady(PoolbookError):
    code = "server-not-ready"
    what = "the server's database cannot be reached, or is not of this version of Poolbook"
    remedy = "whoever runs the server looks at its log and brings the database up to date: poolbook init"
    status = 503


class Unexpected(PoolbookError):
    code = "unexpected"
    what = "something went wrong that should not have; nothing was recorded"
    remedy = "try again with the same Idempotency-Key; if it stays so, tell whoever runs the server: request {request}"
    status = 500
