"""The JSON that a negotiation over HTTP takes, and the options that it states."""

from __future__ import annotations

import base64
import binascii
from fractions import Fraction

from pydantic import Field, model_validator

from api.refusals import RequestInvalid
from api.schemas import Shape
from commissioning.comparison import Option, other_rules, scenario, today
from commissioning.exposure_levers import named_lever
from commissioning.scenario_base import Base
from ledger.errors import Place, PoolbookError, Refused

MOST = 4
"""Options in one request: each is worked out some hundred times."""


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
        "Principles, sources, disputed inputs and offers, as the YAML file of `poolbook negotiate --offers`"))


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
        raise RequestInvalid(where=f"the workbook of {one.name}", fault="it is not base64") from None
    return scenario(one.name, base, read_back(content, base, "these books").values)


def _value(first: Option, path: str, text: str) -> Fraction:
    from exports.scenario.back import value_of
    from exports.scenario.cells import Found

    lever = named_lever(first.levers, path)
    try:
        return value_of(lever, Found("n", text))
    except PoolbookError as error:
        raise error.at(Place(field=path)) from None
