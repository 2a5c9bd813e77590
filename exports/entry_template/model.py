"""A sheet to be filled in as plain data: its columns with what may stand in them, its rows, and its lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HEAD = 5  # the row of column names; the rows to be filled in come after it
SPARE = 300  # empty rows that are made ready


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `name`: as it is read; `kind`: text | long | date | money | number; `choices`: the list it is from.

    `open_list`: other values than the list's may be typed. `locked`: it is told, and not meant to be changed.
    """

    name: str
    head: str
    width: int = 16
    kind: str = "text"
    choices: str = ""
    open_list: bool = False
    locked: bool = False
    prompt: str = ""


Choice = tuple[str, str]
"""What is typed, and what it stands for."""


@dataclass(frozen=True)
class Form:
    """A sheet to be filled in. `lists`: what may be chosen, by the name of the list; `about`: lines under the title.

    `needs`: for each choice of the first list that decides it, the columns that it needs; they are coloured.
    """

    sheet: str
    title: str
    about: Sequence[str]
    fields: Sequence[Field]
    currency: str
    template: str
    partnership: str
    rows: Sequence[Mapping[str, str]] = ()
    spare: int = SPARE
    lists: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)  # of the lists
    decides: str = ""
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dates: tuple[str, str] = ("1990-01-01", "2199-12-31")
