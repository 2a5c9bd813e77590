"""What the parties say beside the figures: principles, sources of inputs, who disputes them, growth, offers made.

Read from a YAML file with `principles`, `inputs`, `later_years` and `offers`, or from a CSV file of offers alone. Pure.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from allocation.discovery import near
from commissioning.agreement.model import Agreement
from commissioning.agreement.reading import Document, load
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.language import Said

LONGEST = 1_000
KEYS = {"principles": ("text", "source", "date"), "inputs": ("input", "source", "date", "disputed_by", "because"),
        "later_years": ("growth", "source", "date"), "offers": ("date", "by", "option", "offer", "answer")}
NEEDED = {"principles": ("text", "source"), "inputs": ("input",), "later_years": ("growth",),
          "offers": ("date", "by", "offer")}
MOST_LATER = 10
_GROWTH = re.compile(r"-?\d{1,2}(\.\d{1,4})?")


class RecordWrong(PoolbookError):
    code = "negotiation-record-wrong"
    what = "the record of the negotiation cannot be used: {fault}"
    remedy = ("write lists of principles (text, source, date), inputs (input, source, date, disputed_by, because), "
              "later_years (growth, source, date) and offers (date, by, option, offer, answer), or a CSV file of "
              "offers")


class RecordInputUnknown(PoolbookError):
    code = "negotiation-input-unknown"
    what = "{name!r} is no input of this year"
    remedy = "write an input's path as the scenario workbook names it{hint}"


@dataclass(frozen=True, slots=True)
class Principle:
    """What the parties hold to, where it is written, since when."""

    text: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input comes from. `disputed_by`: the partner that does not accept it, if any, and why."""

    input: str
    source: str
    date: str
    disputed_by: str
    because: str


@dataclass(frozen=True, slots=True)
class Growth:
    """By how many percent all costs of a later year are expected to grow on the year before it, and who says so."""

    growth: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer, and what it was answered."""

    date: str
    by: str
    option: str
    offer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that was told. `later_years`: the first is the year after the one that is negotiated."""

    principles: tuple[Principle, ...] = ()
    inputs: tuple[Source, ...] = ()
    offers: tuple[Offer, ...] = ()
    later_years: tuple[Growth, ...] = ()

    @property
    def grown(self) -> tuple[Fraction, ...]:
        """By how many percent all costs of each later year differ from those of the year that is negotiated."""
        return tuple(accumulate((Fraction(one.growth) for one in self.later_years),
                                lambda so_far, more: (100 + so_far) * (100 + more) / 100 - 100))


def read_record(text: str, file: str, agreement: Agreement, inputs: Collection[str]) -> Record:
    """The record that a file holds. Raises `Refused` with every fault and its line."""
    rows = list(_rows_of_csv(text, file) if file.lower().endswith(".csv") else _rows_of_yaml(text, file))
    faults = [fault for kind, row, place in rows for fault in _faults(kind, row, place, agreement, inputs)]
    if faults:
        raise Refused(faults).in_file(file)
    found: dict[str, list[Any]] = {kind: [] for kind in KEYS}
    made = {"principles": Principle, "inputs": Source, "later_years": Growth, "offers": Offer}
    for kind, row, _ in rows:
        found[kind].append(made[kind](**{key: row.get(key) or "" for key in KEYS[kind]}))
    offers = sorted(found["offers"], key=lambda offer: offer.date)
    return Record(tuple(found["principles"]), tuple(found["inputs"]), tuple(offers), tuple(found["later_years"]))


Row = tuple[str, dict[str, Any], Place]


def _rows_of_csv(text: str, file: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        for row in reader:
            yield "offers", {(key or "").strip(): value for key, value in row.items()}, Place(file, reader.line_num)
    except csv.Error as error:
        raise Refused([RecordWrong(Place(file, reader.line_num + 1), fault=foreign(str(error)))]) from None


def _rows_of_yaml(text: str, file: str) -> Iterator[Row]:
    document: Document = load(text, file)
    if not isinstance(document.data, dict):
        raise Refused([RecordWrong(Place(file, 1), fault=Said("it is not a mapping of lists"))])
    for kind, rows in document.data.items():
        if kind not in KEYS or not isinstance(rows, list | None):
            fault = (Said("{key!r} is none of {keys}", key=kind, keys=", ".join(KEYS)) if kind not in KEYS
                     else Said("{key} is not a list", key=kind))
            raise Refused([RecordWrong(document.place((kind,)), fault=fault)]).in_file(file)
        if kind == "later_years" and len(rows or ()) > MOST_LATER:
            fault = Said("later_years has more than {most} years", most=MOST_LATER)
            raise Refused([RecordWrong(document.place((kind,)), fault=fault)]).in_file(file)
        for n, row in enumerate(rows or ()):
            place = document.place((kind, n))
            if not isinstance(row, dict):
                raise Refused([RecordWrong(place, fault=Said("this item is not a mapping"))]).in_file(file)
            yield kind, row, place


def _faults(kind: str, row: dict[str, Any], place: Place, agreement: Agreement,
            inputs: Collection[str]) -> Iterator[PoolbookError]:
    for key, value in row.items():
        if key not in KEYS[kind]:
            yield RecordWrong(place, fault=Said("{key!r} is none of {keys}", key=key, keys=", ".join(KEYS[kind])))
        elif not isinstance(value, str | None) or len(value or "") > LONGEST:
            yield RecordWrong(place, fault=Said("{key} is not a text of at most {most:,} characters", key=key,
                                                most=LONGEST))
    for key in NEEDED[kind]:
        if not row.get(key):
            yield RecordWrong(place, fault=Said("{key} is missing", key=key))
    if kind == "later_years" and isinstance(row.get("growth"), str) and not _GROWTH.fullmatch(row["growth"]):
        yield RecordWrong(place, fault=Said("growth {text!r} is not a percentage between -99 and 99, such as 4 or -2.5",
                                            text=row["growth"]))
    if row.get("date") and not _is_day(row["date"]):
        yield RecordWrong(place, fault=Said("the date {text!r} is not a day such as 2026-09-30", text=row["date"]))
    for key in ("by", "disputed_by"):
        if row.get(key) and row[key] not in agreement.partners:
            yield RecordWrong(place, fault=Said("{key} is {found!r}, not one of {partners}", key=key, found=row[key],
                                                partners=", ".join(agreement.partners)))
    if kind == "inputs" and row.get("input") and row["input"] not in inputs:
        yield RecordInputUnknown(place, name=row["input"], hint=near(row["input"], list(inputs)))


def _is_day(text: Any) -> bool:
    try:
        return isinstance(text, str) and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
