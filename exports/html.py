"""The statement as one accessible page without scripts: the twin of the PDF, with every table of the workbook.

Everything that comes from an agreement or an event is escaped by the template. Charts are those of the PDF; every
printed figure comes ready from the view.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from commissioning.statement import Statement
from exports.bars import drawing
from exports.pdf import BOLD, REGULAR, WIDTH, fonts
from exports.present import present
from exports.svg import svg
from exports.view import Chart, Table
from exports.words import WORDS, cell, tag
from ledger.language import _, ngettext


def to_html(statement: Statement) -> str:
    """The page as text; the same for the same statement."""
    view = present(statement)
    page = template("statement.html").render(view=view, **helpers(view.currency))
    return page.rstrip() + "\n"


def helpers(currency: str) -> dict[str, Any]:
    """What tables in templates ask for: a value as text, whether a column holds words, a chart, ids, the language."""
    return {"text": lambda value, column: cell(value, column.kind, currency), "place": place,
            "words": lambda column: column.kind in WORDS,
            "draw": lambda chart, name: picture(chart, currency, name), "language": tag()}


def place(table: Table) -> str:
    """The id of a table on its page."""
    return table.key or table.name.lower().replace(" ", "-")


@cache
def template(name: str) -> Template:
    """A template of this package; all that it is given is escaped."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    environment.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template(name)


def picture(chart: Chart, currency: str, name: str = "chart") -> Markup:
    """A chart as it stands in the PDF; `name` is that of its ids on the page."""
    fonts()
    return svg(drawing(chart, currency, WIDTH, REGULAR, BOLD), name, chart.heading, chart.alternative, BOLD)
