"""A negotiation pack as one accessible page without scripts; its pictures are those of the PDF, as SVG."""

from __future__ import annotations

from itertools import count

from markupsafe import Markup

from exports.html import helpers, template
from exports.pack.charts import drawing
from exports.pack.model import MARK, Pack, Picture
from exports.pdf import BOLD, WIDTH, fonts
from exports.svg import svg
from exports.view import Table
from ledger.language import _


def to_html(made: Pack) -> str:
    """The page as text; the same for the same pack."""
    fonts()
    currency, numbers = made.view.currency, count(1)

    def picture(part: Picture) -> Markup:
        name = f"picture-{next(numbers)}"
        return svg(drawing(part, currency, WIDTH), name, part.heading, part.alternative, BOLD)

    page = template("pack.html").render(pack=made, view=made.view, mark=_(MARK), picture=picture,
                                        is_table=lambda part: isinstance(part, Table), **helpers(currency))
    return page.strip() + "\n"
