"""Which word an account's path says, as `expenses:beds` the service beds; and which accounts an agreement may add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from commissioning.agreement.model import Agreement, Version
from commissioning.refusals.names import AccountKept, NameTwice
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.rules import account_faults

NAMED_BY: Mapping[str, str] = {
    "assets:bank": "fund", "equity:fund-balance": "fund", "income:other": "fund",
    "assets:contributions-receivable": "partner", "assets:due-from": "partner", "liabilities:due-to": "partner",
    "liabilities:repayable": "partner", "income:contributions": "partner", "income:risk-share": "partner",
    "income:cost-share": "partner", "expenses": "service", "expenses:in-kind": "service",
    "income:user-charges": "service",
}
"""By the start of an account's path, which word the next part of it is."""


def said_by(account: str, agreement: Agreement, version: Version) -> tuple[str, str]:
    """Which word the account's path says, and which name that the agreement knows; empty where none."""
    word, name = named_by(account)
    known = {"fund": version.funds, "partner": agreement.partners, "service": version.services}.get(word, {})
    return (word, name) if name in known else ("", "")


def named_by(account: str) -> tuple[str, str]:
    """Which word an account's path says, and which name: `("service", "beds")` for expenses:beds; empty where none."""
    parts = account.split(":")
    if account.startswith("reserves:") and len(parts) >= 3:
        return "partner", parts[2]
    for length in (2, 1):
        word = NAMED_BY.get(":".join(parts[:length]))
        if word and len(parts) > length:
            return word, parts[length]
    return "", ""


KEPT = ("assets:bank", "assets:contributions-receivable", "assets:due-from", "assets:contested", "assets:unallocated",
        "assets:claims", "liabilities:due-to", "liabilities:repayable", "liabilities:recipients", "reserves",
        "equity:fund-balance", "income:contributions", "income:risk-share", "income:cost-share",
        "expenses:distribution")
"""Where accounts stand whose names statements count on: another one there would be left out of them."""
COST = ("expenses:", "income:user-charges:")
"""Below these an account names its service: cost without one would stand in no row of a statement."""


def added(agreement: Agreement) -> Iterator[tuple[int, PoolbookError]]:
    """What is wrong with the accounts that an agreement adds, each with its place in the list."""
    services = dict.fromkeys(service for version in agreement.agreements for service in version.services)
    seen: set[str] = set()
    for i, path in enumerate(agreement.accounts):
        wrong = account_faults(path)
        if wrong:
            yield i, wrong[0]
        elif path in seen:
            yield i, NameTwice(kind=Said("account"), name=path)
        elif any(f"{path}:".startswith(f"{kept}:") for kept in KEPT) or (
                path.startswith(COST) and named_by(path)[1] not in services):
            yield i, AccountKept(account=path, service=next(iter(services), "SERVICE"))
        seen.add(path)
