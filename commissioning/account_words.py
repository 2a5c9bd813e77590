"""Which word an account's path says: a posting to `expenses:beds` is about the service beds, written or not."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.agreement import Agreement, Version

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
