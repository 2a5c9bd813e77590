"""The JSON that negotiations, exposure and fair division over HTTP take, and what they state."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from fractions import Fraction
from typing import Any

from pydantic import Field, RootModel, model_validator

from allocation.negotiation.asked import Asked, answered
from allocation.negotiation.table import Division
from api.refusals import RequestInvalid
from api.shapes.base import Shape
from commissioning.agreement.reading import read_terms
from commissioning.exposure.levers import named_lever
from commissioning.exposure.terms import Uncertainty
from commissioning.negotiation.options import Option, other_rules, scenario, today
from commissioning.scenario.base import Base
from ledger.errors import Place, PoolbookError, Refused
from ledger.language import Said

MOST = 4
"""Options in one request: each is worked out some hundred times."""
MOST_DRAWN = 5_000
"""Years drawn in one request, over all its options: some rules take their time for each."""
CHANCES = "Chances of demand, price and timing by service, as the YAML file of `poolbook scenario exposure`"
FAIR = "What every fair method is to divide, as the YAML file of `poolbook scenario divide`"


class DrawsTooMany(PoolbookError):
    code = "draws-too-many"
    what = "{draws} years for each of {options} options are more than the {most} years that one request may draw"
    remedy = "state fewer `draws` or options; the command line (poolbook negotiate --chances) draws more"


class OptionIn(Shape):
    """One option: a returned workbook, changed inputs, or another agreement."""

    name: str = Field(min_length=1, max_length=40)
    workbook: str | None = Field(None, description="A scenario workbook of this year as it came back, in base64")
    changes: dict[str, str] | None = Field(None, max_length=500, description=(
        "Inputs by path, each with its value as the workbook's cell shows it, for example "
        "{\"contributions.1.amount\": \"4900000.00\"}"))
    agreement: str | None = Field(None, max_length=500_000, description="Another agreement file for the same year")

    @model_validator(mode="after")
    def _one_kind(self) -> OptionIn:
        if sum(part is not None for part in (self.workbook, self.changes, self.agreement)) != 1:
            raise ValueError("an option has either a workbook, changes or an agreement")
        return self


class NegotiationIn(Shape):
    """Which year, and the options to set beside today's rules."""

    year: str | None = Field(None, pattern=r"^FY\d{4}$", description="A financial year; without it, the last recorded")
    entries: int | None = Field(None, ge=1, description="The books as they stood at this entry; without it, now")
    options: list[OptionIn] = Field(min_length=1, max_length=MOST)
    record: str | None = Field(None, max_length=500_000, description=(
        "Principles, sources, disputed inputs, later years and offers, as the YAML file of `poolbook negotiate "
        "--offers`"))
    chances: str | None = Field(None, max_length=500_000, description=CHANCES)
    fair: str | None = Field(None, max_length=500_000, description=FAIR)


class NegotiationResult(RootModel[dict[str, Any]]):
    """What came of a negotiation, as its JSON says it, with the number under which it is kept."""


class NegotiationKept(Shape):
    """A negotiation that was kept under a name: from which books, by whom, which options."""

    number: int
    name: str
    year: str
    entries: int
    head: str
    author: str
    roles: list[str]
    recorded_at: dt.datetime
    options: list[str]


class NegotiationsKept(Shape):
    """Every negotiation that was kept, the first one first."""

    items: list[NegotiationKept]


class ExposureIn(Shape):
    """Which year, and the chances of its costs."""

    year: str | None = Field(None, pattern=r"^FY\d{4}$", description="A financial year; without it, the last recorded")
    entries: int | None = Field(None, ge=1, description="The books as they stood at this entry; without it, now")
    chances: str = Field(max_length=500_000, description=CHANCES)


class DivisionIn(Shape):
    """What is to be divided."""

    fair: str = Field(max_length=500_000, description=FAIR)


def chances_of(text: str, currency: str, options: int) -> Uncertainty:
    """The chances that a request states. Raises `Refused`, and `DrawsTooMany` where that takes too long."""
    terms = read_terms(Uncertainty, text, "chances.yaml", currency)
    if terms.draws * options > MOST_DRAWN:
        raise DrawsTooMany(draws=f"{terms.draws:,}", options=options, most=f"{MOST_DRAWN:,}")
    return terms


def division_of(text: str, currency: str) -> Division:
    """Every method's answer to the question that a request states. Raises `Refused`."""
    return answered(read_terms(Asked, text, "fair.yaml", currency), currency)


def options_of(asked: NegotiationIn, base: Base) -> list[Option]:
    """Today's rules and every option asked for. Raises `Refused`, with the option's name as its place."""
    found = [today(base)]
    for one in asked.options:
        try:
            found.append(_option(one, base, found[0]))
        except PoolbookError as error:
            raise Refused([error]).in_file(one.name) from None
        except Refused as refused:
            raise refused.in_file(one.name) from None
    return found


def _option(one: OptionIn, base: Base, first: Option) -> Option:
    from exports.scenario.back import read_back

    if one.agreement is not None:
        return other_rules(one.name, base, one.agreement, one.name)
    if one.changes is not None:
        values = {path: _value(first, path, text) for path, text in one.changes.items()}
        return scenario(one.name, base, {path: value for path, value in values.items()
                                         if value != first.levers[path].baseline})
    try:
        content = base64.b64decode(one.workbook or "", validate=True)
    except (binascii.Error, ValueError):
        raise RequestInvalid(where=Said("the workbook of {name}", name=one.name),
                             fault=Said("it is not base64")) from None
    return scenario(one.name, base, read_back(content, base, "these books").values)


def _value(first: Option, path: str, text: str) -> Fraction:
    from exports.scenario.back import value_of
    from exports.scenario.cells import Found

    lever = named_lever(first.levers, path)
    try:
        return value_of(lever, Found("n", text))
    except PoolbookError as error:
        raise error.at(Place(field=path)) from None
