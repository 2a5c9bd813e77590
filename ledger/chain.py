"""What the chain covers: the canonical bytes of an entry's content, its hash, and the fold over all of them in order.

Every text goes in behind its length, so that no two contents share their bytes. An entry's number is not part of its
content: its place in the fold says it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from ledger.model import Entry, Posting

START = bytes(32)  # what the first link follows

CellWords = tuple[str, str, str, str, str, str, str]


def cell_of(posting: Posting, kind: str) -> CellWords:
    """The account and the words that name a posting's cell, in the order of the table's key."""
    return (posting.account, posting.kind or kind, posting.fund, posting.partner, posting.service, posting.source,
            posting.cost_class)


def _framed(text: str) -> str:
    return f"{len(text)}:{text}"


def content(entry: Entry, framed_cells: dict[CellWords, str]) -> bytes:
    """SHA-256 of an entry's content. `framed_cells` remembers cells across calls, and thereby collects them."""
    kind, reference, memo, details, late = entry.kind, entry.reference, entry.memo, entry.details, entry.belongs_to
    whole = (f"poolbook-entry/1;{len(kind)}:{kind}{entry.date.isoformat()};{len(reference)}:{reference}"
             f"{len(memo)}:{memo}{len(details)}:{details}{'' if entry.reverses is None else entry.reverses};"
             f"{len(late)}:{late}{len(entry.postings)};")
    for p in entry.postings:
        cell = (p.account, p.kind or kind, p.fund, p.partner, p.service, p.source, p.cost_class)
        words = framed_cells.get(cell)
        if words is None:
            words = framed_cells[cell] = "".join(map(_framed, cell))
        case = p.case  # most postings have neither units nor a case: 0 and an empty text
        whole += f"{words}{p.amount};{p.units};{len(case)}:{case}" if case or p.units else f"{words}{p.amount};0;0:"
    return sha256(whole.encode("utf-8", "surrogatepass")).digest()


def fold(head: bytes, contents: Iterable[bytes]) -> bytes:
    """The head after these contents: h ← SHA-256(h ‖ content), one after the other."""
    for item in contents:
        head = sha256(head + item).digest()
    return head
