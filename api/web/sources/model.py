"""What a figure's page shows: the figure, the parts that add up to it, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from commissioning.statement import Statement
from exports.words import Kind
from ledger.language import _

SIGNED = {"variance": Kind.VARIANCE, "forecast_variance": Kind.VARIANCE, "share_of_variance": Kind.VARIANCE,
          "forecast_share": Kind.VARIANCE, "settlement": Kind.SETTLEMENT, "brought_forward": Kind.SETTLEMENT,
          "settled": Kind.SETTLEMENT}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum: its words, its amount with its sign, the path of the figure that it is (or nothing)."""

    words: str
    amount: int
    to: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """What a figure rests on, in words; `to`: the path of a figure, or with `/` first an address below the pool."""

    words: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A figure and how it comes about. `service`, `partner`: whose steps of the working decide it.

    `memoranda`: the kinds of memoranda about the service `about` that say it, which a page adds with their entries.
    """

    words: str
    amount: int
    kind: Kind = Kind.MONEY
    parts: tuple[Part, ...] = ()
    rests: tuple[Rest, ...] = ()
    service: str = ""
    partner: str = ""
    memoranda: tuple[str, ...] = ()
    about: str = ""


def footed(parts: Iterable[Part], amount: int) -> tuple[Part, ...]:
    """The parts, with one more for what they leave over."""
    known = tuple(parts)
    rest = amount - sum(part.amount for part in known)
    return (*known, Part(_("Beside these"), rest)) if rest else known


def dates(statement: Statement) -> dict[str, str]:
    """The days of a statement, as a search for entries takes them."""
    return {"from": statement.starts.isoformat(), "to": statement.ends.isoformat()}


def entries(**query: str) -> str:
    """The search for entries that finds these, as an address below the pool."""
    return f"/entries?{urlencode(query)}"
