"""The statement as one accessible page without scripts: the twin of the PDF, with every table of the workbook.

Everything that comes from an agreement or an event is escaped by the template. Geometry of the chart is in the
template's own units; every printed figure comes ready from the view.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from commissioning.statement import Statement
from exports.axis import place, scale
from exports.present import present
from exports.view import Chart
from exports.words import Kind, cell, plain
from ledger.language import _, ngettext

BAR_WIDTH, BAR_HEIGHT = 460, 26
LABEL, LINE, LETTER = 44, 14, 7  # characters in a line of a label, its height, the width of a digit


def to_html(statement: Statement) -> str:
    """The page as text; the same for the same statement."""
    view = present(statement)
    chart = picture(view.chart, view.currency) if view.chart else None
    page = template("statement.html").render(view=view, picture=chart, **helpers(view.currency))
    return page.rstrip() + "\n"


def helpers(currency: str) -> dict[str, Any]:
    """What tables in templates ask for: a value as text, and whether a column holds words."""
    return {"text": lambda value, column: cell(value, column.kind, currency),
            "words": lambda column: column.kind in (Kind.TEXT, Kind.COUNT)}


@cache
def template(name: str) -> Template:
    """A template of this package; all that it is given is escaped."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    environment.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template(name)


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar: the lines of its label with their heights, its top, how long actual and plan are, the words on it."""

    label: tuple[tuple[int, str], ...]
    top: int
    actual: int
    plan: int
    amount: str
    printed: str
    amount_at: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart's marks and ticks in whole units of its picture."""

    height: int
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[int, str], ...]


def picture(chart: Chart, currency: str) -> Picture:
    """Where everything in the chart stands."""
    axis = scale(max(max(bar.plan, bar.actual, 0) for bar in chart.bars), currency)
    def across(amount: int) -> int:
        return max(amount, 0) * BAR_WIDTH // axis.top
    marks, top = [], 0
    for bar in chart.bars:
        lines = textwrap.wrap(bar.label, LABEL) or [""]
        height = max(BAR_HEIGHT, LINE * len(lines) + 8)
        first = top + height // 2 - LINE * len(lines) // 2 + 11
        actual, plan, amount = across(bar.actual), across(bar.plan), plain(bar.actual, currency)
        at, inside = place(LETTER * len(amount), actual, plan, BAR_WIDTH)
        marks.append(Mark(tuple((first + LINE * i, line) for i, line in enumerate(lines)),
                          top + (height - BAR_HEIGHT) // 2, actual, plan, amount, bar.printed,
                          int(at) + 1, inside))
        top += height
    ticks = tuple((across(tick), words) for tick, words in axis.ticks)
    return Picture(top, tuple(marks), ticks)
