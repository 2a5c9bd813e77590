"""Receipts and the books: making one from what is recorded, and finding whether the books still are what one says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from ledger import chain, store
from ledger.chain import CellWords
from ledger.errors import PoolbookError
from ledger.merkle import EMPTY, Tree
from ledger.model import Book
from ledger.receipt import Claim, Receipt, Seen, Since, sign


class BooksUnsound(PoolbookError):
    code = "books-unsound"
    what = "no receipt can be given: what is stored of the first {entries} entries is not what the chain says"
    remedy = "run `poolbook verify` and tell whoever keeps the books; until then nothing is signed"
    status = 409


class SinceUnknown(PoolbookError):
    code = "since-unknown"
    what = "the books here do not begin with the {older} entries of the older receipt"
    remedy = ("look whether it is of this partnership and this ledger; if it is, tell the auditor: "
              "`poolbook verify --receipt` says what is wrong")
    status = 409


def make(conn: Connection, book: Book, numbers: Sequence[int], key: Ed25519PrivateKey, now: dt.datetime,
         since: int | None = None) -> Receipt:
    """A receipt over all entries that are recorded, showing those of these numbers; `since`: an older one's entries.

    Signs nothing that does not hold together: every content hash is folded anew and compared with the chain's head.
    """
    head = store.head(conn, book)
    hashes = store.content_hashes(conn, book, head.entries)
    if len(hashes) != head.entries or chain.fold(chain.START, hashes).hex() != head.hash:
        raise BooksUnsound(entries=head.entries)
    if since is not None and since > head.entries:
        raise SinceUnknown(older=since)
    tree = Tree(hashes)
    seen = []
    for number in dict.fromkeys(numbers):
        entry = store.entry(conn, book, number).entry
        if chain.content(entry, {}) != hashes[number - 1]:
            raise BooksUnsound(entries=head.entries)
        seen.append(Seen(number, entry, tuple(tree.inclusion(number - 1))))
    last = store.last_batch(conn, book)
    moment = max(now, last.recorded_at) if last else now  # clocks go back; what was recorded does not
    claim = Claim(book.id, book.currency, head.entries, tree.root, bytes.fromhex(head.hash), moment,
                  key.public_key().public_bytes_raw())
    link = None if since is None else Since(since, tuple(tree.consistency(since)))
    return Receipt(claim, sign(claim, key), tuple(seen), link)


def faults_in_books(conn: Connection, book: Book, receipts: Sequence[Receipt]) -> list[str]:
    """What the books are no longer, of what these receipts say, in words. Every entry's content is hashed anew."""
    contents, heads = _recomputed(conn, book, {one.claim.entries for one in receipts})
    found = []
    for one in receipts:
        known = store.last_known(conn, book, one.claim.moment)
        found += [f"receipt of {one.claim.moment:%Y-%m-%d}: {fault}"
                  for fault in _faults(book, one, contents, heads, known)]
    return found


def _faults(book: Book, receipt: Receipt, contents: Sequence[bytes], heads: Mapping[int, bytes],
            known: int) -> Iterator[str]:
    """What speaks against one receipt; `known`: how many entries the books say there were at its moment."""
    claim = receipt.claim
    if (claim.partnership, claim.currency) != (book.id, book.currency):
        yield (f"it is of {claim.partnership} in {claim.currency}, and these books are of {book.id} in "
               f"{book.currency}")
        return
    if len(contents) < claim.entries:
        yield f"it is of {claim.entries:,} entries, but the books hold {len(contents):,}: entries are gone"
        return
    if _root(contents[:claim.entries]) != claim.root or heads[claim.entries] != claim.head:
        yield (f"the first {claim.entries:,} entries of the books are not the ones that it was given for: something in "
               "them was altered, added or removed since")
    for seen in receipt.seen:
        if not 1 <= seen.number <= claim.entries or contents[seen.number - 1] != chain.content(seen.entry, {}):
            yield f"entry {seen.number} ({seen.entry.reference}) of the books is not what it shows"
    if known < claim.entries:
        yield f"entry {known + 1} was there when it was given, but the books say that it was recorded later"


def _root(contents: Sequence[bytes]) -> bytes:
    return Tree(contents).root if contents else EMPTY


def _recomputed(conn: Connection, book: Book, sizes: set[int]) -> tuple[list[bytes], dict[int, bytes]]:
    """Every entry's content hash, worked out from what it says, and the chain's head after each of these sizes."""
    framed: dict[CellWords, str] = {}
    contents: list[bytes] = []
    heads, link = {0: chain.START}, chain.START
    for item in store.all_entries(conn, book):
        contents.append(chain.content(item.entry, framed))
        link = chain.fold(link, contents[-1:])
        if len(contents) in sizes:
            heads[len(contents)] = link
    return contents, heads
