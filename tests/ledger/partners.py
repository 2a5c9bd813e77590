"""Entries of a pool with two partners: what is common, what is one's own, what names both; with words to look for."""

from __future__ import annotations

import datetime as dt
import json

from ledger.model import Entry, Posting

SECRET, SHARED = "SECRET-WORD", "SHARED-WORD"
DAY = dt.date(2024, 4, 9)


def partners_entries() -> list[Entry]:
    """Eight entries: common, the council's, the NHS's, of both, and memoranda; the NHS's say `SECRET`."""
    own, other = (_pair(partner, amount, word) for partner, amount, word in (
        ("council", 123, "OWN-WORD"), ("nhs", 98765, SECRET)))
    common = _pair("", 500, SHARED)
    return [
        Entry("expenditure", DAY, "shared-1", f"Beds {SHARED}", common),
        Entry("contribution", DAY, "council-1", "OWN-WORD", own, _details(partner="council")),
        Entry("contribution", DAY, f"nhs-{SECRET}", SECRET, other, _details(partner="nhs", note=SECRET)),
        Entry("journal", DAY, f"both-{SECRET}", SECRET, (*own, *other)),
        Entry("expenditure", DAY, f"for-{SECRET}", SECRET, common, _details(beneficiary="nhs", note=SECRET)),
        Entry("forecast", DAY, "shared-note", SHARED, (), _details(service="beds")),
        Entry("fault", DAY, f"fault-{SECRET}", SECRET, (), _details(partner="nhs", amount=98765)),
        Entry("reversal", DAY, f"undoes-{SECRET}", SECRET, (), _details(against=SECRET), reverses=7),
        Entry("release", DAY, f"release-{SECRET}", SECRET, (), _details(against=SECRET)),
        Entry("journal", DAY, f"account-{SECRET}", SECRET, (
            Posting("assets:contributions-receivable:nhs", 98765, "core", case=SECRET),
            Posting(f"income:contributions:nhs:{SECRET}", -98765, "core"))),
    ]


def _pair(partner: str, amount: int, word: str) -> tuple[Posting, ...]:
    line = Posting("expenses:beds", amount, "core", partner, "beds", source=word, cost_class=word, case=word)
    return line, Posting("assets:bank:core", -amount, "core", partner, source=word, case=word)


def _details(**words: object) -> str:
    return json.dumps(words, sort_keys=True)
