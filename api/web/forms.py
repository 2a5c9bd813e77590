"""What forms send, as the calls of the interface take it, and where a browser goes once a change is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.bodies import JSON, Given, expect, text_of
from api.calls import Call
from api.refusals import RequestMalformed
from api.uploads import MOST_FIELDS, parts
from api.web.page import HEADERS
from ledger.language import Said

FORM = ("application/x-www-form-urlencoded",)


def fields(given: Given) -> dict[str, str]:
    """What a form sent: the last of each field, without space around it."""
    return {name: said[-1] for name, said in every_field(given, MOST_FIELDS).items()}


def every_field(given: Given, most: int) -> dict[str, list[str]]:
    """What a form sent, those fields included that may come several times, such as boxes that were ticked."""
    expect(given, FORM)
    try:
        found = parse_qs(text_of(given), max_num_fields=most)
    except ValueError:
        raise RequestMalformed(fault=Said("it has more than {most} fields", most=most)) from None
    return {name: [text.strip() for text in said] for name, said in found.items()}


def as_json(given: Given, *names: str) -> Given:
    """These fields of a form as the body of JSON that a call of the interface takes."""
    said = fields(given)
    return replace(given, content_type=JSON[0], body=json.dumps({name: said.get(name, "") for name in names}).encode())


def uploaded(request: Request, given: Given) -> dict[str, bytes]:
    """The parts of a form that brings a file, by the name of the field."""
    return {part.field: part.content for part in parts(request, given)}


def line_of(content: bytes, longest: int = 200) -> str:
    """A field of a form that brings a file, as one line of text that can be shown."""
    text = " ".join(content.decode("utf-8", "replace").split())
    return "".join(letter for letter in text if letter.isprintable())[:longest]


def after(call: Call, answer: Response, done: Callable[[dict[str, Any]], str]) -> Response:
    """To the page of what was done, or of the proposal that now waits for a second person."""
    said = json.loads(bytes(answer.body))
    to = f"proposals/{said['number']}" if answer.status_code == 202 else done(said)
    return RedirectResponse(f"/pools/{call.partnership}/{to}", 303, HEADERS)
