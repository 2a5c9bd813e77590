"""A chart's drawing as SVG for pages, with the same geometry as in the PDF and without inline styles.

Everything that is drawn is a rectangle, a line, a polygon or a text; what comes from an agreement is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup
from reportlab.graphics.shapes import Drawing, Line, Polygon, Rect, String
from reportlab.lib.colors import Color

_ANCHORS = {"start": "start", "middle": "middle", "end": "end"}


def svg(drawing: Drawing, name: str, title: str, alternative: str, bold: str) -> Markup:
    """The picture with its title and its alternative text; `name` keeps their ids apart from those of other pictures.

    `bold`: the name of the typeface that is drawn in bold.
    """
    opening = Markup('<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{name}-title {name}-words">\n'
                     '<title id="{name}-title">{}</title>\n<desc id="{name}-words">{}</desc>').format(
        _number(drawing.width), _number(drawing.height), title, alternative, name=name)
    return Markup("\n").join([opening, *_shapes(drawing, bold), Markup("</svg>")])


def _shapes(drawing: Drawing, bold: str) -> Iterator[Markup]:
    height = drawing.height
    for shape in drawing.contents:
        if isinstance(shape, Rect):
            yield Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"{}/>').format(
                _number(shape.x), _number(height - shape.y - shape.height), _number(shape.width),
                _number(shape.height), _color(shape.fillColor), _stroke(shape))
        elif isinstance(shape, Line):
            yield Markup('<line x1="{}" y1="{}" x2="{}" y2="{}"{}/>').format(
                _number(shape.x1), _number(height - shape.y1), _number(shape.x2), _number(height - shape.y2),
                _stroke(shape))
        elif isinstance(shape, Polygon):
            corners = zip(shape.points[::2], shape.points[1::2], strict=True)
            points = " ".join(f"{_number(x)},{_number(height - y)}" for x, y in corners)
            yield Markup('<polygon points="{}" fill="{}"{}/>').format(points, _color(shape.fillColor), _stroke(shape))
        else:
            assert isinstance(shape, String), "charts are drawn of rectangles, lines, polygons and texts"
            weight = Markup(' font-weight="bold"') if shape.fontName == bold else ""
            yield Markup('<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}"{}>{}</text>').format(
                _number(shape.x), _number(height - shape.y), _number(shape.fontSize), _color(shape.fillColor),
                _ANCHORS[shape.textAnchor], weight, shape.text)


def _stroke(shape: Rect | Line | Polygon) -> Markup:
    if shape.strokeColor is None:
        return Markup()
    dashes = " ".join(_number(dash) for dash in shape.strokeDashArray or () if isinstance(dash, int | float))
    dashed = Markup(' stroke-dasharray="{}"').format(dashes) if dashes else Markup()
    return Markup(' stroke="{}" stroke-width="{}"{}').format(
        _color(shape.strokeColor), _number(shape.strokeWidth), dashed)


def _color(color: Color | None) -> str:
    assert color is not None, "what is drawn has a colour"
    return f"#{color.hexval()[2:]}"


def _number(length: float) -> str:
    """A length with two decimals at most, so that the page is the same wherever it is made."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
