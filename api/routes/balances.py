"""Balances: by account and words, at the end of a day, as known at a moment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api import openapi
from api.looking import Looks
from api.shapes.balances import BalanceOut, BalancesOut
from api.shapes.base import Day, Moment, Shape
from ledger import store
from ledger.money import to_text
from ledger.units import units_text

router = APIRouter(tags=["balances"])
_GROUP = "|".join(store.GROUPS)


class Wanted(Shape):
    """Which balances."""

    at: Day | None = Field(None, description="At the end of this day; without it, over everything recorded")
    known_at: Moment | None = Field(None, description="As the books stood at that moment; a date: at its end, UTC")
    by: str = Field("account", pattern=rf"^({_GROUP})(,({_GROUP}))*$", max_length=100,
                    description=f"By which of {', '.join(store.GROUPS)}, separated by commas")


@router.get("/balances", responses=openapi.refusals("read"), response_model_exclude_none=True)
def get_balances(call: Looks, wanted: Annotated[Wanted, Query()]) -> BalancesOut:
    """Balances read from kept movements, so that they cost the same however long the history is."""
    by = list(dict.fromkeys(wanted.by.split(",")))
    with call.reading() as (conn, book):
        rows = store.balances(conn, book, at=wanted.at, known_at=wanted.known_at, by=by)
        names = {p.number: p.id for p in store.periods(conn, book)} if "period" in by else {}
    items = [_balance(row, book.currency, names) for row in rows]
    return BalancesOut(currency=book.currency, at=wanted.at, known_at=wanted.known_at, items=items)


def _balance(row: dict[str, Any], currency: str, names: dict[int, str]) -> BalanceOut:
    sums = {name: to_text(row[name], currency) for name in ("debit", "credit", "amount")}
    words = {name: names[value] if name == "period" else value for name, value in row.items() if name in store.GROUPS}
    return BalanceOut(**words, **sums, units=units_text(row["units"]))
