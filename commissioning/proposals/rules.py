"""What waits for a second person, by what would stand in the books, and what a request would do, in words.

A request is done, looked at, and undone again if it waits; so what waits is decided by what would stand in the books,
not by how it was asked for. What is approved later must be what was shown: `Outcome.same` compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from commissioning.agreement.model import FourEyes
from commissioning.books.figures import OPENING
from commissioning.events.model import details_of
from commissioning.proposals.model import Outcome
from ledger import chain
from ledger.model import Entry, Recorded
from ledger.money import grouped

APPROVAL = "approval"  # the kind of the memorandum that an approval leaves in the chain
RECOMPUTATION = "recomputation"  # that of a ledger which one person computed for itself, without approvals
ALWAYS: Mapping[str, str] = {
    "agreement": "every version of the agreement", "close": "every close", "reopen": "every reopening",
    "reversal": "every reversal"}
"""The kinds of entry that wait whatever their amount."""
_BESIDE = frozenset({OPENING, APPROVAL, RECOMPUTATION})  # they come with something that waits for itself


def why_waits(recorded: Iterable[Recorded], terms: FourEyes, before: int, currency: str) -> str:
    """Why what was recorded after entry `before`, by one request, waits for a second person; empty: it does not."""
    return waits((one.entry for one in recorded), terms, before, currency)


def waits(entries: Iterable[Entry], terms: FourEyes, before: int, currency: str) -> str:
    """Why these entries, new after entry `before` by one request, wait for a second person; empty: they do not.

    The reversal with which an accrual undoes itself comes with the accrual and is no reversal of anything that stood.
    """
    found = ""
    for one in entries:
        kind, amount = one.kind, largest_amount(one)
        if kind in ALWAYS and (one.reverses or 0) <= before:
            return f"{ALWAYS[kind]} waits for a second person"  # rather than what came with it
        if found or kind in _BESIDE:
            continue
        if not terms.entries_above:
            found = "every entry waits for a second person"
        elif amount > terms.entries_above:
            found = (f"{one.reference} of {grouped(amount, currency)} is above "
                     f"{grouped(terms.entries_above, currency)} and waits for a second person")
    return found


def largest_amount(one: Entry) -> int:
    """The largest amount of an entry's postings, or that which a memorandum tells; without its sign."""
    if one.postings:
        return max(abs(posting.amount) for posting in one.postings)
    told = details_of(one.details).get("amount") if one.details else None
    return abs(told) if isinstance(told, int) else 0


def outcome(recorded: Sequence[Recorded], words: Iterable[str], before: int, currency: str, because: str,
            statement: str = "") -> Outcome:
    """What a request did: the words for it, the entries it made, and the statement that it issued."""
    return Outcome((*words, *_entry_words(recorded, currency)), len(recorded), _digest(recorded, before), because,
                   statement)


def _entry_words(recorded: Sequence[Recorded], currency: str) -> list[str]:
    """Each kind of entry with its number and the sum of its debits."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in recorded:
        sums[one.entry.kind][0] += 1
        sums[one.entry.kind][1] += sum(posting.amount for posting in one.entry.postings if posting.amount > 0)
    found = []
    for kind, (count, total) in sums.items():
        said = f"{count:,} entry" if count == 1 else f"{count:,} entries"
        found.append(f"{kind.replace('_', ' ')}: {said}{f', {grouped(total, currency)} in all' if total else ''}")
    return found


def _digest(recorded: Iterable[Recorded], before: int) -> str:
    """SHA-256 over the entries' contents, wherever in the books they come to stand.

    A statement's memorandum holds the moment and the head, which differ each time; what it states follows from the
    other entries and is in the words.
    """
    cells: dict[chain.CellWords, str] = {}
    contents = []
    for one in recorded:
        if one.entry.kind == "statement":
            continue
        entry, undone = one.entry, one.entry.reverses
        if undone is not None and undone > before:
            entry = replace(entry, reverses=undone - before)
        contents.append(chain.content(entry, cells))
    return chain.fold(chain.START, contents).hex()
