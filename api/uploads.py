"""What a form that brings files sends: its parts, each with the field that it fills and the name of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + given.body)
    found = list(message.iter_parts()) if message.is_multipart() else []
    if len(found) > MOST_FIELDS:
        raise RequestMalformed(fault=Said("it has more than {most} fields", most=MOST_FIELDS))
    for part in found:
        body = part.get_payload(decode=True)
        name = str(part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
        yield Part(str(part.get_param("name", header="content-disposition")), _shown(name),
                   body if isinstance(body, bytes) else b"")


def _shown(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200]
