"""Why somebody is not let in, or cannot be given what was asked for them."""

from __future__ import annotations

from ledger.errors import PoolbookError


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
