"""What was checked comes back to be confirmed as it was: it travels through the browser under the server's seal.

Nothing is kept on the server between the two steps, so any server of the database can take the second, and nothing is
left behind by who never confirms. The seal covers the bytes, what they are for, the partnership, who had them checked,
and until when; so what is confirmed is what was checked, by the same caller, within the hour.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request

from api.bodies import Given
from api.calls import Call
from api.refusals import BodyTooLarge
from api.web.refusals import CheckedLost

LASTS = dt.timedelta(hours=1)
ROOM = 2_000  # bytes of the form around what is sealed


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked, and what was said beside it."""

    content: bytes
    said: Mapping[str, str]


def seal(request: Request, call: Call, given: Given, use: str, checked: Checked) -> str:
    """The sealed text that a form brings back. Refuses what would not fit into a request once more."""
    expires = int((call.now + LASTS).timestamp())
    head = json.dumps({"use": use, "pool": call.partnership, "by": call.actor, "until": expires, **checked.said})
    packed = zlib.compress(head.encode() + b"\0" + checked.content, 6)
    text = base64.urlsafe_b64encode(_mac(request, packed) + packed).decode()
    if len(text) + ROOM > given.limit:
        raise BodyTooLarge(limit=f"{given.limit:,}")
    return text


def opened(request: Request, call: Call, use: str, text: bytes) -> Checked:
    """What was sealed for this use by this caller; refuses anything else, and what has waited too long."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except binascii.Error:
        raise CheckedLost() from None
    mac, packed = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(request, packed)):  # before anything in it is read
        raise CheckedLost()
    head, _, content = zlib.decompress(packed).partition(b"\0")
    said = json.loads(head)
    whose = (said.pop("use"), said.pop("pool"), said.pop("by"))
    if whose != (use, call.partnership, call.actor) or call.now.timestamp() >= said.pop("until"):
        raise CheckedLost()
    return Checked(content, said)


def _mac(request: Request, packed: bytes) -> bytes:
    key = hmac.new(request.app.state.secret, b"poolbook: files that were checked", sha256).digest()
    return hmac.new(key, packed, sha256).digest()
