"""The receipt as a file, `poolbook.receipt/1`: small JSON that people can read, and strict about what it takes back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.errors import PoolbookError
from ledger.foreign import finding, foreign
from ledger.language import Said
from ledger.model import Entry, Posting
from ledger.money import to_minor, to_text
from ledger.receipt import FORMAT, Claim, Receipt, Seen, Since, moment_text
from ledger.units import to_units, units_text

MOST_NODES = 64  # of one proof: more than any tree has levels
WORDS = ("fund", "partner", "service", "source", "cost_class", "case", "kind")


class ReceiptUnreadable(PoolbookError):
    code = "receipt-unreadable"
    what = "this is not a receipt that Poolbook wrote: {fault}"
    remedy = "give the file that `poolbook receipt` wrote, unchanged; a receipt is never edited by hand"


def to_json(receipt: Receipt) -> str:
    """The receipt as text, indented by one, with a newline at the end."""
    return json.dumps(to_data(receipt), ensure_ascii=False, indent=1) + "\n"


def to_data(receipt: Receipt) -> dict[str, Any]:
    """The receipt as plain data; what does not apply to an entry or a posting is left out."""
    claim, since = receipt.claim, receipt.since
    link = {} if since is None else {"since": {"entries": since.entries, "proof": [n.hex() for n in since.proof]}}
    return {
        "format": FORMAT, "partnership": claim.partnership, "currency": claim.currency, "entries": claim.entries,
        "root": claim.root.hex(), "head": claim.head.hex(), "moment": moment_text(claim.moment),
        "key": claim.key.hex(), "signature": receipt.signature.hex(),
        "seen": [{"number": seen.number, "content": _content(seen.entry, claim.currency),
                  "proof": [node.hex() for node in seen.proof]} for seen in receipt.seen],
        **link}


def _content(entry: Entry, currency: str) -> dict[str, Any]:
    about = {"memo": entry.memo, "details": entry.details, "reverses": entry.reverses, "belongs_to": entry.belongs_to,
             "postings": [_posting(p, currency) for p in entry.postings]}
    return {"kind": entry.kind, "date": entry.date.isoformat(), "reference": entry.reference,
            **{key: value for key, value in about.items() if value}}


def _posting(p: Posting, currency: str) -> dict[str, str]:
    units = {"units": units_text(p.units)} if p.units else {}
    return {"account": p.account, "amount": to_text(p.amount, currency), **units,
            **{word: getattr(p, word) for word in WORDS if getattr(p, word)}}


# What a file must look like to be read

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Nodes = Annotated[list[Hash], Field(max_length=MOST_NODES)]
Number = Annotated[int, Field(ge=1, lt=2**62)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LineShape(Strict):
    """One line of an entry that is shown; words that do not apply are left out."""

    account: str
    amount: str
    units: str = "0"
    fund: str = ""
    partner: str = ""
    service: str = ""
    source: str = ""
    cost_class: str = ""
    case: str = ""
    kind: str = ""


class ContentShape(Strict):
    """An entry as it is recorded, all that its hash covers. `details` is kept as text, to the letter."""

    kind: str
    date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    reference: str
    memo: str = ""
    details: str = ""
    reverses: Number | None = None
    belongs_to: str = ""
    postings: list[LineShape] = []


class SeenShape(Strict):
    """An entry with its number and the hashes that lead from it to the root (RFC 9162, 2.1.3)."""

    number: Number
    content: ContentShape
    proof: Nodes


class SinceShape(Strict):
    """The hashes that lead from an older receipt's root to this one's (RFC 9162, 2.1.4)."""

    entries: Annotated[int, Field(ge=0, lt=2**62)]
    proof: Nodes


class ReceiptFile(Strict):
    """A receipt: what the books were at a moment, signed, and the entries shown with their proofs."""

    format: Literal["poolbook.receipt/1"]
    partnership: Annotated[str, Field(min_length=1, max_length=200)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    entries: Annotated[int, Field(ge=0, lt=2**62)]
    root: Hash
    head: Hash
    moment: str
    key: Hash
    signature: Annotated[str, Field(pattern="^[0-9a-f]{128}$")]
    seen: Annotated[list[SeenShape], Field(max_length=10_000)]
    since: SinceShape | None = None


def from_json(text: str) -> Receipt:
    """The receipt in a file; refuses anything that `to_json` would not write."""
    try:
        file = ReceiptFile.model_validate(json.loads(text, object_pairs_hook=_no_key_twice))
        return _receipt(file)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(map(str, first["loc"])) or Said("the whole")
        raise ReceiptUnreadable(fault=Said("{where}: {fault}", where=where, fault=finding(first))) from None
    except PoolbookError as fault:
        raise ReceiptUnreadable(fault=fault.message) from None
    except (ValueError, RecursionError) as fault:
        raise ReceiptUnreadable(fault=foreign(str(fault))) from None


def _no_key_twice(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _receipt(file: ReceiptFile) -> Receipt:
    if not file.partnership.isprintable():
        raise ValueError("partnership: it holds a character that cannot be printed")
    moment = dt.datetime.fromisoformat(file.moment)
    if moment.tzinfo is None or moment_text(moment) != file.moment:
        raise ValueError(f"moment: {file.moment!r} is not a moment as it is signed")
    claim = Claim(file.partnership, file.currency, file.entries, bytes.fromhex(file.root), bytes.fromhex(file.head),
                  moment, bytes.fromhex(file.key))
    seen = tuple(Seen(one.number, _entry(one.content, file.currency), _nodes(one.proof)) for one in file.seen)
    since = None if file.since is None else Since(file.since.entries, _nodes(file.since.proof))
    return Receipt(claim, bytes.fromhex(file.signature), seen, since)


def _nodes(nodes: list[str]) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, nodes))


def _entry(content: ContentShape, currency: str) -> Entry:
    lines = tuple(Posting(p.account, to_minor(p.amount, currency), p.fund, p.partner, p.service, p.source,
                          p.cost_class, p.case, to_units(p.units), p.kind) for p in content.postings)
    return Entry(content.kind, dt.date.fromisoformat(content.date), content.reference, content.memo, lines,
                 content.details, content.reverses, content.belongs_to)
