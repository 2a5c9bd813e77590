"""How the body of a request is read: bounded in size, in the types that a call takes, every fault with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import TypeAdapter, ValidationError

from api.limits import LEAST_BYTES_A_PART, MOST_LINES, MOST_LISTED
from api.problems import faults_of
from api.refusals import BodyTooFine, BodyTooLarge, ContentTypeUnsupported, RequestInvalid
from commissioning.refusals.files import CsvTooLarge, FileUnreadable
from ledger.errors import Place, Refused
from ledger.language import Said

T = TypeVar("T")
JSON = ("application/json",)
CSV = ("text/csv",)
YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")

IdempotencyKey = Annotated[str | None, Header(
    alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x20-\x7e]+$",
    description="Repeat a request under the same key: it has one effect, and the first answer comes again")]


@dataclass(frozen=True, slots=True)
class Given:
    """What a request that changes something brings: its body, its type, and the key under which it may be repeated."""

    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    key: str | None
    limit: int

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over everything that makes this request another than the one before."""
        parts = [self.method, self.path, self.query, self.content_type]
        return hashlib.sha256("\0".join(parts).encode() + b"\0" + self.body).digest()


async def _given(request: Request, idempotency_key: IdempotencyKey = None) -> Given:
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    content_type = media.strip().lower() if charset in ("", "utf-8", "utf8") else f"{media}; charset={charset}"
    query = "&".join(sorted(f"{name}={value}" for name, value in request.query_params.multi_items()))
    limit = request.app.state.settings.max_body
    body = await _body(request, limit)
    return Given(request.method, request.url.path, query, content_type, body, idempotency_key, limit)


async def _body(request: Request, limit: int) -> bytes:
    """The whole body; reads no more of it than the limit."""
    declared = request.headers.get("content-length", "0")[:18]  # no number that takes long to read
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(limit=f"{limit:,}")
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > limit:
            raise BodyTooLarge(limit=f"{limit:,}")
    return bytes(found)


Sent = Annotated[Given, Depends(_given)]


def expect(given: Given, allowed: Sequence[str]) -> None:
    """Refuses a body of another type than those allowed."""
    if given.content_type not in allowed:
        raise ContentTypeUnsupported(given=given.content_type or Said("(none)"), allowed=", ".join(allowed))


def json_of(given: Given, shape: TypeAdapter[T]) -> T:
    """A JSON body of that shape."""
    expect(given, JSON)
    most = given.limit // LEAST_BYTES_A_PART
    if sum(given.body.count(part) for part in (b",", b"[", b"{")) > max(most, 1):
        raise BodyTooFine(limit=f"{most:,}")
    try:
        return shape.validate_json(given.body)
    except ValidationError as error:
        if error.error_count() > MOST_LISTED:
            fault = Said("it has {count:,} faults, too many to list", count=error.error_count())
            raise RequestInvalid(where=Said("the body"), fault=fault) from None
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise Refused(faults_of(found)) from None


def text_of(given: Given) -> str:
    """A body of UTF-8 text, without a byte order mark."""
    zero = given.body.find(b"\0")  # no database keeps it in text
    if zero >= 0:
        line = given.body[:zero].count(b"\n") + 1
        raise Refused([FileUnreadable(Place(line=line), fault=Said("this line holds a zero byte"))])
    try:
        return given.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = given.body[:error.start].count(b"\n") + 1
        raise Refused([FileUnreadable(Place(line=line), fault=Said("this line is not UTF-8 text"))]) from None


def rows_of(given: Given) -> str:
    """A body of CSV text, of no more lines than one request may bring."""
    text = text_of(given)
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise Refused([CsvTooLarge(Place(line=MOST_LINES + 1), limit=Said("{most:,} lines", most=MOST_LINES))])
    return text
