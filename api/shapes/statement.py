"""The shape of poolbook.statement/1 as a JSON schema for /openapi.json, made from the same names that write it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.shapes.base import AMOUNT
from commissioning.events.model import NOTES
from commissioning.statement import COLUMNS, PLAN_CHANGES
from exports.statement import CLAIM, FORECAST, FORMAT, FUND, PART, PARTNER, REPAYMENT, RESERVE, SERVICE, TOTALS

Schema = dict[str, Any]
_AMOUNT: Schema = {"type": "string", "pattern": AMOUNT}
_TEXT: Schema = {"type": "string"}
_DATE: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_WHOLE: Schema = {"type": "integer"}
_TRUTH: Schema = {"type": "boolean"}


def _object(amounts: Iterable[str] = (), **more: Schema) -> Schema:
    """An object of exactly these keys. A key that Python reserves is written with an underscore after it."""
    keys = {name.rstrip("_"): schema for name, schema in more.items()} | dict.fromkeys(amounts, _AMOUNT)
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def _also(of: Schema, **optional: Schema) -> Schema:
    """The object, with keys that it has only where there is something to say."""
    return {**of, "properties": {**of["properties"], **optional}}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _keyed(of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of}


STATEMENT: Schema = {
    "title": "Statement",
    "description": "A statement as AGREEMENTS section 4 defines it. Amounts are year to date; a positive variance is "
                   "an overspend, a positive settlement is owed to the pool.",
    **_also(_object(
        format={"const": FORMAT},
        partnership=_object(id=_TEXT, name=_TEXT, currency=_TEXT),
        period=_object(id=_TEXT, from_=_DATE, to=_DATE),
        indicative=_TRUTH,
        issue=_WHOLE,
        agreements=_list(_object(id=_TEXT, reference=_TEXT, status=_TEXT, effective=_DATE)),
        known_at=_MOMENT,
        ledger=_object(entries=_WHOLE, head=_TEXT),
        totals=_object(TOTALS),
        funds=_list(_also(_object(FUND, id=_TEXT, kind=_TEXT, host=_TEXT),
                          gap=_object(("amount", *COLUMNS), partners=_keyed(_AMOUNT)))),
        services=_list(_object((*SERVICE, *COLUMNS), id=_TEXT, name=_TEXT, fund=_TEXT, partners=_keyed(_object(PART)))),
        partners=_keyed(_also(_object(PARTNER, name=_TEXT), contribution_agreed=_AMOUNT)),
        reserves=_keyed(_object(RESERVE, by_partner=_keyed(_AMOUNT))),
        distributions=_keyed(_keyed(_AMOUNT)),
        claims=_list(_object(CLAIM, case=_TEXT)),
        outcomes=_list(_also(_object(("value",), id=_TEXT, service=_TEXT, measured=_TEXT, baseline=_TEXT,
                                     gains=_keyed(_AMOUNT), paid=_keyed(_AMOUNT)), indicator=_TEXT, expected=_AMOUNT)),
        unallocated=_AMOUNT,
        contested=_AMOUNT,
        working=_list(_object(("in", "remaining"), rule=_TEXT, reference=_TEXT, step=_TEXT, out=_keyed(_AMOUNT),
                              because=_TEXT)),
        checks=_list(_object(check=_TEXT, holds=_TRUTH))),
        repayments=_list(_object(REPAYMENT, fund=_TEXT, partner=_TEXT)),
        notes=_list(_object(kind={"enum": list(NOTES)}, date=_DATE, service=_TEXT, text=_TEXT, owner=_TEXT, by=_TEXT)),
        plan_changes=_list(_object(("amount",), kind={"enum": list(PLAN_CHANGES)}, date=_DATE, service=_TEXT,
                                   reference=_TEXT, text=_TEXT)),
        earlier_forecasts=_list(_object(FORECAST, period=_TEXT, issue=_WHOLE)),
        extract=_object(partner=_TEXT, seal=_TEXT),
        previous=_object(period=_TEXT, issue=_WHOLE, forecasts=_keyed(_AMOUNT), forecast_shares=_keyed(_AMOUNT)))}
