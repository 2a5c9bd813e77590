"""Draws what `benchmarks.growth` wrote down as one SVG of four small charts over the number of postings.

`python -m benchmarks.growth_plot [--data benchmarks/results/growth.csv] [--out docs/growth.svg]`; the same data gives
the same bytes.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.growth import RESULT

PLOT = Path(__file__).parents[1] / "docs" / "growth.svg"
WIDTH, HEIGHT, GAP, MARGIN, TOP = 420, 230, 30, 62, 44
COLOURS = ("#12436D", "#28A197", "#801650")
Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its message, the unit of its axis, and its lines with their names and values."""

    title: str
    unit: str
    lines: Sequence[tuple[str, Sequence[float]]]


def charts(rows: Sequence[Row]) -> list[Chart]:
    """What the rows say, each chart's heading from its figures."""
    minutes = [sum(row["post_s"] for row in rows[:n + 1]) / 60 for n in range(len(rows))]
    size = [bytes_of(row) / 1e9 for row in rows]
    each = [bytes_of(row) / row["entries"] for row in rows]
    first, last = rows[0]["postings_a_second"], rows[-1]["postings_a_second"]
    return [
        Chart(f"Posting: {rows[-1]['postings'] / 1e6:.1f} million in {minutes[-1]:.0f} minutes of work",
              "minutes of processor time", [("", minutes)]),
        Chart(f"Rate: {first:,.0f} postings a second at first, {last:,.0f} at last",
              "postings a second of processor time",
              [("", [row["postings_a_second"] for row in rows])]),
        Chart(f"Size: {size[-1]:.1f} GB, {each[0]:.0f} bytes an entry at first, {each[-1]:.0f} at last", "GB",
              [("", size)]),
        Chart(f"Statement {rows[-1]['statement_s']:.2f} s, close {rows[-1]['close_s']:.2f} s, all balances "
              f"{rows[-1]['balances_ms']:.0f} ms at last", "seconds of processor time",
              [("statement", [row["statement_s"] for row in rows]), ("close", [row["close_s"] for row in rows]),
               ("balances", [row["balances_ms"] / 1000 for row in rows])]),
    ]


def bytes_of(row: Row) -> float:
    """Everything of ours in the database."""
    return sum(row[name] for name in ("entry_table", "entry_indexes", "posting_table", "posting_indexes", "other"))


def draw(rows: Sequence[Row]) -> str:
    """The four charts, two by two."""
    panels = []
    for number, chart in enumerate(charts(rows)):
        x, y = (number % 2) * (WIDTH + GAP), (number // 2) * (HEIGHT + GAP)
        panels.append(f'<g transform="translate({x} {y})">{panel(chart, [row["postings"] / 1e6 for row in rows])}</g>')
    whole = f"{2 * WIDTH + GAP} {2 * HEIGHT + GAP}"
    described = "; ".join(chart.title for chart in charts(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole}" font-family="Arial, sans-serif" '
            f'font-size="12" role="img"><title>{described}</title><rect width="100%" height="100%" fill="#fff"/>'
            f"{''.join(panels)}</svg>\n")


def panel(chart: Chart, xs: Sequence[float]) -> str:
    """One chart: from zero, so that a straight line is one."""
    right, bottom = WIDTH - 14, HEIGHT - 34
    most_x, most_y = nice(max(xs)), nice(max(max(values) for _, values in chart.lines))
    parts = [f'<text x="{MARGIN}" y="16" font-weight="bold">{chart.title}</text>',
             f'<text x="{MARGIN}" y="34" fill="#3D3D3D">{chart.unit}</text>']
    for n in range(5):
        y = bottom - n * (bottom - TOP) / 4
        x = MARGIN + n * (right - MARGIN) / 4
        parts += [f'<line x1="{MARGIN}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>',
                  f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{most_y * n / 4:,g}</text>',
                  f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{most_x * n / 4:g}</text>']
    parts.append(f'<text x="{right}" y="{bottom + 30}" text-anchor="end" fill="#3D3D3D">million postings</text>')
    for (_name, values), colour in zip(chart.lines, COLOURS, strict=False):
        points = [(MARGIN + x / most_x * (right - MARGIN), bottom - value / most_y * (bottom - TOP))
                  for x, value in zip(xs, values, strict=True)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" '
                     f'points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points]
    parts.append(f'<text x="{right}" y="34" text-anchor="end">{legend(chart)}</text>')
    return "".join(parts)


def legend(chart: Chart) -> str:
    """The names of the lines in their colours, where they have any."""
    return " ".join(f'<tspan fill="{colour}">● {name}</tspan>' for (name, _), colour in zip(
        chart.lines, COLOURS, strict=False) if name)


def nice(most: float) -> float:
    """The next round number that four steps divide well."""
    size = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    return next(step * size for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12) if step * size >= most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=RESULT)
    parser.add_argument("--out", type=Path, default=PLOT)
    given = parser.parse_args()
    with given.data.open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    given.out.write_text(draw(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
