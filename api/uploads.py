"""What a form that brings files sends: its parts, each with the field that it fills and the name of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from fastapi import Request

from api.bodies import Given, expect
from api.refusals import RequestMalformed
from ledger.language import Said

UPLOAD = ("multipart/form-data",)
MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form. `file`: the name of the file in it, without folders, or nothing."""

    field: str
    file: str
    content: bytes


def parts(request: Request, given: Given) -> Iterator[Part]:
    """The parts of a form that brings files, in their order; one without content where no file was chosen."""
    expect(given, UPLOAD)
    for part in map(_headed, _split(request.headers["content-type"], given.body)):
        body = part.get_payload(decode=True)
        name = str(part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
        yield Part(str(part.get_param("name", header="content-disposition")), _shown(name),
                   body if isinstance(body, bytes) else b"")


def _split(content_type: str, body: bytes) -> list[bytes]:
    """The parts as they came. They stand side by side: nothing inside of one is looked at for others, and where there
    are too many, none is read."""
    boundary = _headed(f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")).get_boundary()
    if not boundary:
        return []
    line = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    _before, *found = re.split(line, body, maxsplit=MOST_FIELDS + 2)
    ends, after = found[::2], found[1::2]
    some = after[:next((place for place, end in enumerate(ends) if end), len(after))]
    if len(some) > MOST_FIELDS:
        raise RequestMalformed(fault=Said("it has more than {most} fields", most=MOST_FIELDS))
    return [re.sub(rb"\A\r?\n", b"", one) for one in some]


def _headed(content: bytes) -> Message:
    """What starts with a head, which alone is read."""
    return BytesParser(policy=HTTP).parsebytes(content, headersonly=True)


def _shown(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200]
