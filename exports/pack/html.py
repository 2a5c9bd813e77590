"""A negotiation pack as one accessible page without scripts; its pictures are those of the PDF, as SVG."""

from __future__ import annotations

import re

from markupsafe import Markup
from reportlab.graphics import renderSVG

from exports.html import helpers, template
from exports.pack.charts import drawing
from exports.pack.model import MARK, Pack, Picture
from exports.pdf import BOLD, WIDTH, fonts
from exports.view import Table
from ledger.language import _

_SVG = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
_OWN = re.compile(r'<(title|desc|clipPath)\b.*?</\1>\s*| id="group"| style="clip-path: url\(#clip\)"', re.DOTALL)
"""What ReportLab writes once for a file of its own, and would stand on this page once for each picture."""


def to_html(made: Pack) -> str:
    """The page as text; the same for the same pack."""
    fonts()
    page = template("pack.html").render(pack=made, view=made.view, mark=_(MARK), is_table=lambda part: isinstance(
        part, Table), picture=lambda part: _svg(part, made.view.currency), **helpers(made.view.currency))
    return page.strip() + "\n"


def _svg(part: Picture, currency: str) -> tuple[int, int, Markup]:
    """Width, height and inside of a picture. ReportLab escapes what it writes."""
    drawn = drawing(part, currency, WIDTH)
    found = _SVG.search(renderSVG.drawToString(drawn))
    assert found is not None, "a drawing is one picture"
    inside = _OWN.sub("", found[1]).replace(f"font-family: {BOLD};", "font-weight: bold;")
    return int(drawn.width), int(drawn.height) + 1, Markup(inside)  # noqa: S704 - our own shapes, escaped text
