"""A pack before it is drawn: sections of tables and pictures, and one page of the same layout for each partner."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from exports.view import Table, View
from ledger.language import N_

MARK = N_("Without prejudice")


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From one amount to another by driver, minor units. `tall`: the height of its bars in points."""

    heading: str
    caption: str
    alternative: str
    first: tuple[str, int]
    steps: tuple[tuple[str, int], ...]
    last: tuple[str, int]
    tall: int = 130


@dataclass(frozen=True, slots=True)
class Multiples:
    """The same small chart for each partner, on one scale: the change under each option."""

    heading: str
    caption: str
    alternative: str
    charts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class Tornado:
    """What moves an amount most: for each input the change at a tenth less and at a tenth more."""

    heading: str
    caption: str
    alternative: str
    bars: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Ranges:
    """For each partner a line an option, from a low to a high amount with a mark between them, on one scale."""

    heading: str
    caption: str
    alternative: str
    charts: tuple[tuple[str, tuple[tuple[str, int, int, int], ...]], ...]


Picture = Waterfall | Multiples | Tornado | Ranges
Part = Table | Picture


@dataclass(frozen=True, slots=True)
class Page:
    """One partner's own page."""

    name: str
    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """The whole pack. `view` has title, verdict, figures, notes and where the ledger stood."""

    view: View
    parts: tuple[Part, ...]
    pages: tuple[Page, ...]
    author: str
    when: dt.datetime
