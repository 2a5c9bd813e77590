"""Why somebody is not let in, or cannot be given what was asked for them."""

from __future__ import annotations

from ledger.errors import PoolbookError


class SecretMissing(PoolbookError):
    code = "secret-missing"
    what = "there is no secret under which API keys of this database could be kept"
    remedy = "set POOLBOOK_SECRET to at least 32 random characters, the same for every server of this database"


class SecretTooShort(PoolbookError):
    code = "secret-too-short"
    what = "the server's secret has {length} characters; that is too few to protect the API keys"
    remedy = "use at least {least} random characters; API keys made under another secret must then be made anew"


class ApiKeyWrong(PoolbookError):
    code = "api-key-wrong"
    what = "an API key cannot be made so: {fault}"
    remedy = "give it a name of 1 to 200 characters, roles that go together, and an expiry in the future or none"


class ApiKeyUnknown(PoolbookError):
    code = "api-key-unknown"
    what = "there is no API key {key!r}"
    remedy = "list the keys to see their ids: poolbook key list"
    status = 404


class BearerMissing(PoolbookError):
    code = "bearer-missing"
    what = "the request carries no API key"
    remedy = "send the header Authorization: Bearer KEY; keys are made by poolbook key new"
    status = 401


class BearerUnknown(PoolbookError):
    code = "bearer-unknown"
    what = "the API key is not one of this server's"
    remedy = "check that the whole key was copied, from pbk_ on; if it is lost, have a new one made"
    status = 401


class BearerExpired(PoolbookError):
    code = "bearer-expired"
    what = "the API key {key} expired at {expired}"
    remedy = "have a new key made: poolbook key new"
    status = 401


class BearerRevoked(PoolbookError):
    code = "bearer-revoked"
    what = "the API key {key} was revoked at {revoked}"
    remedy = "ask whoever keeps the books why, and for a new key"
    status = 401


class RightMissing(PoolbookError):
    code = "right-missing"
    what = "{who} may not {does}"
    remedy = "ask an administrator of the partnership for a role that has the right to {right}"
    status = 403


class LoginsUnsupported(PoolbookError):
    code = "logins-unsupported"
    what = "an SQLite file has no logins: whoever can open the file can read all of it"
    remedy = "keep it on PostgreSQL, or give the partner a key: poolbook key new --role board-reader --partner P"


class RolesMissing(PoolbookError):
    code = "roles-missing"
    what = "the database has no roles {app} and {reader}, and this user may not make them"
    remedy = "have PostgreSQL's administrator run CREATE ROLE {app} NOLOGIN; CREATE ROLE {reader} NOLOGIN; try again"


class LoginTooStrong(PoolbookError):
    code = "login-too-strong"
    what = "the login {login!r} may do more than read for a partner: it is an administrator, the owner, or in {app}"
    remedy = "choose a login that was made for this partner alone, or a new name: it is then made"


class LoginUnknown(PoolbookError):
    code = "login-unknown"
    what = "no login {login!r} reads for a partner"
    remedy = "list those that do: poolbook database logins"
    status = 404


class OtherPartner(PoolbookError):
    code = "other-partner"
    what = "{who} reads for {partner} and cannot be shown what another partner is shown"
    remedy = "leave `partner` out, or ask for partner={partner}"
    status = 403


class TokenRefused(PoolbookError):
    code = "token-refused"
    what = "the token of your sign-in is not accepted: {fault}"
    remedy = "sign in again; if it stays so, tell whoever runs the server what is said here"
    status = 401


class ProviderUnusable(PoolbookError):
    code = "provider-unusable"
    what = "the sign-in service cannot be used: {fault}"
    remedy = "try again in a minute; whoever runs the server looks at POOLBOOK_OIDC_ISSUER and at that service"
    status = 503


class SignInOff(PoolbookError):
    code = "sign-in-off"
    what = "this server has no sign-in with a browser"
    remedy = "use an API key; it needs POOLBOOK_OIDC_ISSUER, POOLBOOK_OIDC_CLIENT_ID and POOLBOOK_PUBLIC_URL"
    status = 404


class SignInFailed(PoolbookError):
    code = "sign-in-failed"
    what = "the sign-in did not come to its end: {fault}"
    remedy = "begin again at /auth/login, in the same browser, and finish within ten minutes"
    status = 400


class FromElsewhere(PoolbookError):
    code = "from-elsewhere"
    what = "a page of another site asked for this change in your name"
    remedy = "make the change on Poolbook's own pages; a program uses an API key instead of a browser's sign-in"
    status = 403


class MemberWrong(PoolbookError):
    code = "member-wrong"
    what = "nobody can be made a member so: {fault}"
    remedy = "name the person by issuer and subject as the sign-in service does, with roles that go together"


class MemberUnknown(PoolbookError):
    code = "member-unknown"
    what = "there is no member {member!r}"
    remedy = "list the members to see their numbers: poolbook member list"
    status = 404
