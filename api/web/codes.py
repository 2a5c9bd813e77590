"""What codes are called on pages: kinds of entry, of proposal and of fund, and how something stands."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.language import N_, _

CODES: Mapping[str, str] = {
    # kinds of entry that people make
    "contribution": N_("contribution"), "expenditure": N_("expenditure"), "payment": N_("payment"),
    "in_kind": N_("in kind"), "user_charge": N_("user charge"), "income": N_("income"),
    "settlement": N_("settlement"), "accrual": N_("accrual"), "commitment": N_("commitment"),
    "activity": N_("activity"), "forecast": N_("forecast"), "virement": N_("virement"), "fault": N_("fault"),
    "refund": N_("refund"), "reversal": N_("reversal"), "adjustment": N_("adjustment"),
    "outcome": N_("outcome"), "claim": N_("claim"), "recognise": N_("recognised claim"),
    "draw": N_("drawn claim"), "resolve": N_("resolved claim"), "opening_units": N_("opening units"),
    "reserve_transfer": N_("reserve transfer"), "explanation": N_("explanation"), "action": N_("action"),
    "decision": N_("decision"), "journal": N_("journal"),
    # kinds that Poolbook makes
    "opening": N_("opening balance"), "instalment": N_("instalment"), "apportionment": N_("apportionment"),
    "squaring": N_("netting at the close"), "reapportionment": N_("correction of an earlier year"),
    "release": N_("release of a commitment"), "agreement": N_("agreement"), "statement": N_("statement"),
    "approval": N_("approval"), "reopening": N_("reopening"),
    # proposals, and how they stand
    "entries": N_("entries"), "events": N_("events"), "close": N_("close"), "reopen": N_("reopening"),
    "open": N_("open"), "approved": N_("approved"), "rejected": N_("rejected"), "withdrawn": N_("withdrawn"),
    "closed": N_("closed"),
    # funds, and versions of the agreement
    "pooled": N_("pooled"), "aligned": N_("aligned"), "set_aside": N_("set aside"),
    "single": N_("single funder"), "signed": N_("signed"), "draft": N_("draft, not signed"),
    "retrospective": N_("signed after it took effect"),
}


def called(code: str) -> str:
    """A code as words; one that has none, as it is."""
    return _(CODES.get(code, code.replace("_", " ")))
