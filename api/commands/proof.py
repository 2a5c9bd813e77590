"""`poolbook receipt` and `poolbook verify`: proof that leaves the building, and what it proves when it comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from api.commands.files import read_bytes, read_text
from api.commands.session import Session, now, write_file
from api.settings import from_environment
from api.signing import public_text, read_public, signing_key
from commissioning import receipts as shown
from commissioning import service
from ledger import service as books
from ledger import store as books_store
from ledger.errors import Place
from ledger.merkle import extends
from ledger.model import Head
from ledger.receipt import Receipt, faults_alone, faults_between, in_order
from ledger.receipt_books import SinceUnknown, faults_in_books, make
from ledger.receipt_file import ReceiptUnreadable, from_json, to_json


def receipt(session: Session, names: Sequence[str], out: Path, partner: str | None,
            since: Path | None) -> Mapping[str, Any]:
    """Gives a receipt over all that is recorded, showing these entries and statements, and writes it whole."""
    older = None if since is None else read(since)
    with session.looking() as conn:
        book = session.book(conn)
        key = signing_key(from_environment(database=session.database))
        numbers = shown.wanted(conn, book, names, partner or "")
        made = make(conn, book, numbers, key, now(), None if older is None else older.claim.entries)
    if older is not None and not _continues(older, made):
        raise SinceUnknown(older=older.claim.entries)
    write_file(out, to_json(made).encode())
    return {"file": str(out), "partnership": book.id, "entries": made.claim.entries, "root": made.claim.root.hex(),
            "head": made.claim.head.hex(), "key": public_text(key), "shown": [seen.number for seen in made.seen]}


def _continues(old: Receipt, new: Receipt) -> bool:
    assert new.since is not None, "the older receipt was handed in"
    return old.claim.partnership == new.claim.partnership and extends(
        old.claim.root, old.claim.entries, new.claim.root, new.claim.entries, new.since.proof)


def public_key(session: Session) -> Mapping[str, Any]:
    """The public key by which partners know this host's receipts; an embedded ledger must be there to have one."""
    with session.looking():
        pass  # refuses where there is no ledger
    return {"key": public_text(signing_key(from_environment(database=session.database)))}


def read(path: Path) -> Receipt:
    """The receipt in a file; a fault names it."""
    try:
        return from_json(read_text(path))
    except ReceiptUnreadable as fault:
        raise fault.at(Place(path.name)) from None


# Verifying

@dataclass(slots=True)
class Verified:
    """What was looked at: what speaks against it, and what is proved, both in words."""

    findings: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    head: Head | None = None

    def data(self) -> Mapping[str, Any]:
        ledger = {} if self.head is None else {"ledger": {"entries": self.head.entries, "head": self.head.hash}}
        return {"sound": not self.findings, "findings": self.findings, "proved": self.proved, **ledger}


def verify(session: Session, files: Sequence[Path] = (), statements: Sequence[Path] = (), key: str | None = None,
           offline: bool = False) -> Mapping[str, Any]:
    """Walks the books; with receipts, checks these by themselves, with each other, with documents and the books.

    Receipts need no ledger: where none is at hand, or `offline`, only what they say is checked.
    """
    found = Verified()
    named = [(file, read(file)) for file in dict.fromkeys(files)]
    pinned = None if key is None else read_public(key)
    for file, one in named:
        _alone(found, file.name, one, pinned)
    if not found.findings:
        _between(found, named)
        for statement in statements:
            _document(found, statement, [one for _, one in named])
    if named and not offline and _nothing_here(session, named[0][1].claim.partnership):
        found.proved.append("There is no ledger here to compare with: this holds without one.")
    elif not offline:
        _with_books(found, session, [one for _, one in named if not faults_alone(one)])
    return found.data()


def _nothing_here(session: Session, partnership: str) -> bool:
    """No database was named, and the default one is not there or is of others: somebody checks what it was given."""
    if session.named is not None:
        return False
    if not Path(session.database).exists():
        return True
    with session.looking() as conn:
        return partnership not in {book.id for book in books.list_books(conn)}


def _alone(found: Verified, name: str, one: Receipt, pinned: bytes | None) -> None:
    faults = faults_alone(one, pinned)
    found.findings += [f"{name}: {fault}" for fault in faults]
    if faults:
        return
    claim = one.claim
    known = "the key that you noted" if pinned else f"the key {claim.key.hex()}; compare it with the one that you noted"
    found.proved.append(f"{name}: the host of {claim.partnership} signed on {claim.moment:%Y-%m-%d %H:%M:%S} UTC "
                        f"that its books held {claim.entries:,} entries, by {known}.")
    found.proved += [f"{name}: entry {seen.number} was one of them, as shown: {seen.entry.kind} "
                     f"{seen.entry.reference} of {seen.entry.date}." for seen in one.seen]


def _between(found: Verified, named: Sequence[tuple[Path, Receipt]]) -> None:
    names = {id(one): file.name for file, one in named}
    for old, new in pairwise(in_order([one for _, one in named])):
        pair = f"{names[id(old)]}, {names[id(new)]}"
        faults = faults_between(old, new)
        found.findings += [f"{pair}: {fault}" for fault in faults]
        if not faults:
            found.proved.append(f"{pair}: all {old.claim.entries:,} entries of the earlier one are in the later one, "
                                "unchanged and in the same order.")


def _document(found: Verified, path: Path, receipts: Sequence[Receipt]) -> None:
    digest = hashlib.sha256(read_bytes(path)).hexdigest()
    proved = shown.documents(receipts).get(digest)
    if proved is None:
        found.findings.append(f"{path.name}: no receipt here shows this document to the byte (its SHA-256 is {digest})")
    else:
        reference, number = proved
        found.proved.append(f"{path.name}: this is, to the byte, the statement {reference} that entry {number} "
                            "recorded.")


def _with_books(found: Verified, session: Session, receipts: Sequence[Receipt]) -> None:
    if receipts and session.partnership is None:
        session.partnership = receipts[0].claim.partnership
    with session.looking() as conn:
        book = session.book(conn)
        faults = faults_in_books(conn, book, receipts) if receipts else []
        found.findings += [*service.verify(conn, book), *faults]
        found.head = books_store.head(conn, book)
    if receipts and not faults:
        each = "each receipt" if len(receipts) > 1 else "the receipt"
        found.proved.append(f"The ledger {session.shown} still holds exactly what {each} was given for: every entry "
                            "was hashed anew.")
