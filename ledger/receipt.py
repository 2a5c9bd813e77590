"""A receipt: a signed head of the books' Merkle tree, what somebody saw, and the proofs that it is in there. Pure.

Whoever keeps one can show later, without the books and without trusting their host, that what it saw was in them, and
by a later receipt that it still is. The tree is RFC 9162's over the content hashes of a partnership's entries in
order; the signature is Ed25519 over `signed_text`, which names all that a receipt claims of the books as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger import chain
from ledger.merkle import extends, includes
from ledger.model import Entry

FORMAT = "poolbook.receipt/1"
KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class Claim:
    """What the books are said to be at a moment: so many entries, the tree's root and the chain's head over them."""

    partnership: str
    currency: str
    entries: int
    root: bytes
    head: bytes
    moment: dt.datetime
    key: bytes  # the public key of whoever says so


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that was seen, whole, with its number and the proof that it stands there."""

    number: int
    entry: Entry
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """The proof that the tree begins with that of an older receipt, which had so many entries."""

    entries: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A claim with its signature, what was seen, and where an older receipt was at hand, the link to it."""

    claim: Claim
    signature: bytes
    seen: tuple[Seen, ...] = ()
    since: Since | None = None


def moment_text(moment: dt.datetime) -> str:
    """A moment in the one form that is signed: UTC, to the microsecond."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def signed_text(claim: Claim) -> bytes:
    """The canonical text of a claim: a line for each part, which holds no line break."""
    assert (claim.partnership + claim.currency).isprintable(), "the parts of a claim stand on one line each"
    return (f"{FORMAT}\npartnership: {claim.partnership}\ncurrency: {claim.currency}\nentries: {claim.entries}\n"
            f"root: {claim.root.hex()}\nhead: {claim.head.hex()}\nmoment: {moment_text(claim.moment)}\n"
            f"key: {claim.key.hex()}\n").encode()


def sign(claim: Claim, key: Ed25519PrivateKey) -> bytes:
    """The signature over a claim by the key that it names."""
    assert key.public_key().public_bytes_raw() == claim.key, "a claim is signed by the key that it names"
    return key.sign(signed_text(claim))


def is_signed(receipt: Receipt) -> bool:
    """Whether the signature is that of the key that the receipt itself names."""
    try:
        Ed25519PublicKey.from_public_bytes(receipt.claim.key).verify(receipt.signature, signed_text(receipt.claim))
    except (InvalidSignature, ValueError):
        return False
    return True


def faults_alone(receipt: Receipt, pinned: bytes | None = None) -> list[str]:
    """What speaks against a receipt by itself, in words. `pinned`: the host's public key as it was noted before."""
    claim, found = receipt.claim, []
    if not is_signed(receipt):
        found.append("its signature does not fit its text: the file was altered, or it was never signed by that key")
    if pinned is not None and pinned != claim.key:
        found.append(f"it is signed by the key {claim.key.hex()}, not by the one that was noted, {pinned.hex()}")
    found += [f"entry {seen.number} ({seen.entry.reference}) is not proved: what the receipt shows is not what stood "
              "in the books at that place" for seen in receipt.seen if not _is_proved(seen, claim)]
    return found


def _is_proved(seen: Seen, claim: Claim) -> bool:
    return includes(claim.root, claim.entries, seen.number - 1, chain.content(seen.entry, {}), seen.proof)


def faults_between(old: Receipt, new: Receipt) -> list[str]:
    """What speaks against both receipts being of the same books, which only grew from one to the other, in words."""
    before, after = old.claim, new.claim
    if (before.partnership, before.currency) != (after.partnership, after.currency):
        return [f"one receipt is of {before.partnership}, the other of {after.partnership}: they prove nothing about "
                "each other"]
    found = []
    if before.key != after.key:
        found.append(f"they are signed by different keys, {before.key.hex()} and {after.key.hex()}: ask the host why, "
                     "and for a word on it signed by the old key")
    if after.entries < before.entries:
        return [*found, f"the later receipt is of {after.entries:,} entries, the earlier one of {before.entries:,}: "
                        "books never get shorter"]
    if after.entries == before.entries:
        same = (before.root, before.head) == (after.root, after.head)
        return found if same else [*found, f"both are of {after.entries:,} entries, but not of the same ones: the "
                                           "books were rewritten between them"]
    if not is_linked(old, new):
        return [*found, f"the later receipt has no proof since the {before.entries:,} entries of the earlier one: "
                        "have a receipt made with --since and the earlier file"]
    assert new.since is not None
    if not extends(before.root, before.entries, after.root, after.entries, new.since.proof):
        found.append(f"the books of the later receipt do not begin with the {before.entries:,} entries of the earlier "
                     "one: they were rewritten between the two")
    return found


def is_linked(old: Receipt, new: Receipt) -> bool:
    """Whether the later receipt brings a proof since the earlier one, or needs none."""
    return new.claim.entries == old.claim.entries or (new.since is not None
                                                      and new.since.entries == old.claim.entries)


def in_order(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Receipts as they were made, the first one first."""
    return sorted(receipts, key=lambda one: (one.claim.moment, one.claim.entries))
