"""Who may do what: the one table of roles and their rights, and the caller to whom it is applied.

Every route under /v1 names exactly one right; a caller has the rights of all its roles. A caller that is bound to
one partner keeps only those in `BOUND`: it reads, and checks, what that partner may see (`ledger.visibility`), and
changes nothing, since whatever is posted, closed or worked out is about the whole pool.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ledger.language import Said

RIGHTS: Mapping[str, str] = {
    "read": Said("read statements, balances, entries, the calendar and the agreement"),
    "audit": Said("verify the books and take the whole journal away"),
    "post": Said("post events and entries, and reverse them"),
    "close": Said("close periods and reopen them"),
    "apply": Said("put agreements in force"),
    "approve": Said("approve or reject what somebody else proposed"),
    "scenario": Said("work out what-if scenarios and negotiations"),
    "administer": Said("give roles to people and take them away"),
}

ROLES: Mapping[str, frozenset[str]] = {
    "finance-officer": frozenset({"read", "audit", "post", "close", "apply", "scenario"}),
    "approver": frozenset({"read", "audit", "approve"}),
    "commissioner": frozenset({"read", "scenario"}),
    "board-reader": frozenset({"read"}),
    "auditor": frozenset({"read", "audit"}),
    "administrator": frozenset({"administer"}),
}

SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read", "audit"}),
    "write": frozenset({"post", "close", "apply"}),
}
"""What keys may do that were made before there were roles: what they could then, and no more."""

BOUND = frozenset({"read", "audit"})
BOUND_ROLES = ("commissioner", "board-reader", "auditor")
"""The roles that one who belongs to a partner may have. The others would post, approve or give access for all."""


def rights_of(roles: Collection[str], partner: str = "") -> frozenset[str]:
    """What these roles may do together; with a partner, one that is bound to it."""
    every = {**ROLES, **SCOPES}
    found = frozenset[str]().union(*(every.get(role, frozenset()) for role in roles))
    return found & BOUND if partner else found


def fault(roles: Collection[str], partner: str = "") -> str:
    """Why nobody can be given these roles, in words; empty where they can."""
    if not roles or not set(roles) <= set(ROLES):
        return Said("its roles are {given}; there are {known}", given=", ".join(roles) or Said("missing"),
                    known=", ".join(ROLES))
    beyond = [role for role in roles if role not in BOUND_ROLES]
    if partner and beyond:
        return Said("{roles} acts for the whole pool and cannot belong to one partner; a partner's own people are "
                    "{known}", roles=", ".join(beyond), known=", ".join(BOUND_ROLES))
    return ""


def person_of(name: str) -> str:
    """A person's name as it is kept and told; two are compared by `commissioning.proposals.model.same_name`."""
    return " ".join(name.split())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts: by which key or sign-in (`actor`), which person is behind it, in which roles and for which partner.

    `actor` is `key:<id>` or `oidc:<issuer>#<subject>`. `person` is the name of the holder, of all their keys.
    `partnership_key` is 0 for one who may enter every partnership.
    """

    actor: str
    person: str
    partnership_key: int
    roles: tuple[str, ...]
    partner: str = ""

    @property
    def rights(self) -> frozenset[str]:
        """What this caller may do."""
        return rights_of(self.roles, self.partner)
