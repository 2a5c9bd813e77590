"""The shape of poolbook.differences/1 as a JSON schema for /openapi.json."""

from __future__ import annotations

from typing import Any

from api.shapes.base import AMOUNT
from exports.differences import FORMAT, GROUPS

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_AMOUNT: Schema = {"type": "string", "pattern": AMOUNT}
_PART: Schema = {"type": ["string", "null"], "pattern": AMOUNT, "description": "null: the line is not in this one"}
_WHOLE: Schema = {"type": "integer"}
_DATE: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}


def _object(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_ISSUE = _object(issue={**_WHOLE, "description": "0: a draft"}, known_at=_MOMENT, entries=_WHOLE, head=_TEXT)
_ENTRY = _object(entry=_WHOLE, recorded_at=_MOMENT, kind=_TEXT, reference=_TEXT, date=_DATE, amount=_AMOUNT,
                 service=_TEXT, partner=_TEXT, belongs_to=_TEXT, memo=_TEXT)

DIFFERENCES: Schema = {
    "title": "Differences",
    "description": "What changed between two issues of a statement, and the entries that did it.",
    **_object(
        format={"const": FORMAT}, partnership=_object(id=_TEXT, name=_TEXT, currency=_TEXT), period=_TEXT,
        before=_ISSUE, after=_ISSUE,
        figures=_list(_object(path=_TEXT, before=_PART, after=_PART, change=_AMOUNT)),
        words=_list(_object(path=_TEXT, before=_TEXT, after=_TEXT)),
        entries=_object(**{name: {**_list(_ENTRY), "description": words} for name, words in GROUPS.items()}),
        agreements=_list(_object(entry=_WHOLE, recorded_at=_MOMENT, changes=_list(_TEXT))),
        services=_list(_object(service=_TEXT, change=_AMOUNT, entries=_AMOUNT)))}
