"""Whether approvals are what they were: each has its proposal behind it, and nothing that waits stands without one."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from commissioning import store as agreements
from commissioning.closing.known import read_kept
from commissioning.events.model import details_of
from commissioning.proposals import store as kept
from commissioning.proposals.rules import APPROVAL, RECOMPUTATION, why_waits
from ledger import store as books_store
from ledger.model import Book, Recorded


def findings(conn: Connection, book: Book) -> list[str]:
    """What is wrong with approvals, in words: one that no proposal stands behind, and entries that none covers."""
    approvals = books_store.entries(conn, book, kinds=[APPROVAL])
    found = []
    for memorandum in approvals:
        says = details_of(memorandum.entry.details)
        proposal = kept.one(conn, book, says["proposal"])
        whole = proposal is not None and proposal.decision is not None and proposal.decision.entry == memorandum.number
        if proposal is None or not whole or _sha(proposal.request.text) != says["sha256"]:
            found.append(f"entry {memorandum.number} approves proposal {says['proposal']}, which is not kept as it was")
    return found + _not_approved(conn, book, approvals)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _not_approved(conn: Connection, book: Book, approvals: Sequence[Recorded]) -> list[str]:
    """Entries that wait by the terms in force when they were recorded, and that no approval covers."""
    applied = [(number, read_kept(text).partnership.four_eyes) for number, text in agreements.agreements(conn, book)]
    if not any(terms for _, terms in applied) or books_store.find(conn, book, RECOMPUTATION, book.id) is not None:
        return []
    covered = _Ranges(tuple(details_of(one.entry.details)["entries"]) for one in approvals)
    requests = _Ranges((one.first, one.last) for one in kept.recordings(conn, book))
    found = []
    for one in books_store.all_entries(conn, book):
        terms = next((terms for number, terms in reversed(applied) if number < one.number), None)
        if terms is None or covered.first(one.number):
            continue
        begun = requests.first(one.number) or one.number
        because = why_waits([one], terms, begun - 1, book.currency)
        if because:
            found.append(f"entry {one.number} ({one.entry.kind} {one.entry.reference}) stands in the books without the "
                         f"approval that it needs: {because}")
    return found


class _Ranges:
    """Ranges of entries that do not overlap, each with its first and its last."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self.all = sorted(ranges)

    def first(self, number: int) -> int | None:
        """The first entry of the range that holds this one; None where none does."""
        at = bisect_right(self.all, number, key=lambda one: one[0]) - 1
        return self.all[at][0] if at >= 0 and number <= self.all[at][1] else None
