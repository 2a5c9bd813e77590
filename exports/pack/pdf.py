"""A negotiation pack as a tagged PDF: what all share first, then one page for each partner in the same layout."""

from __future__ import annotations

from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, KeepTogether, PageBreak

from exports.pack.charts import drawing
from exports.pack.model import Pack, Part
from exports.pdf import AGAIN, HEADING, REGULAR, SMALL, TITLE, WIDTH, drawn, facts, opening, section
from exports.tagged import Figure, Words
from exports.view import Table


def to_pdf(made: Pack) -> bytes:
    """The PDF's bytes; the same for the same pack."""
    return drawn(made.view, made.author, made.when, lambda: _story(made))


def _story(made: Pack) -> list[Flowable]:
    """Everything in reading order."""
    story = opening(made.view)
    for part in made.parts:
        if not isinstance(part, Table) or part.brief:
            story += _part(part, made.view.currency, 2)
    story += facts(made.view)
    for page in made.pages:
        story += [PageBreak(), Words(escape(page.heading), TITLE, "H2", 1)]
        for part in page.parts:
            story += _part(part, made.view.currency, 3)
    return story


def _part(part: Part, currency: str, level: int) -> list[Flowable]:
    if isinstance(part, Table):
        return section(part, currency, level)
    caption = [Words(escape(part.caption), SMALL, "Caption")] if part.caption else []
    return [KeepTogether([Words(escape(part.heading), HEADING if level == 2 else AGAIN, f"H{level}", level - 1),
                          Figure(drawing(part, currency, WIDTH), part.alternative, REGULAR), *caption])]
