"""How a table is laid on a page: widths from what its cells hold, and columns on further tables where too wide.

Widths are points of paper, so they are floats; no amount of money is ever computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exports.view import Table
from exports.words import Kind, Value, cell

Measure = Callable[[str, bool], float]
"""The width of a text in points, and whether it is bold."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Which columns of a table stand side by side, and how wide each is."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


def fit(table: Table, currency: str, width: float, measure: Measure, pad: float) -> list[Fitted]:
    """The table as one or more tables of `width`, each beginning with the first column; groups stay together."""
    for words in (0.32, 0.24, 0.18):  # how much of the width a column of words may claim
        needs = [_need(table, i, currency, measure, pad, width * words) for i in range(len(table.columns))]
        name, rest = needs[0], list(range(1, len(needs)))
        if name.least + sum(needs[i].least for i in rest) <= width:
            return [_spread([0, *rest], needs, width)]
    found: list[list[int]] = [[]]
    for group in _groups(table, rest):
        for part in _parts(group, needs, width - name.least):
            used = sum(needs[i].least for i in found[-1])
            if found[-1] and name.least + used + sum(needs[i].least for i in part) > width:
                found.append([])
            found[-1] += part
    return [_spread([0, *part], needs, width) for part in _evened(table, found, needs, width - name.least)]


@dataclass(frozen=True, slots=True)
class _Need:
    least: float
    wished: float


def _need(table: Table, i: int, currency: str, measure: Measure, pad: float, width: float) -> _Need:
    """The narrowest width at which a column reads well, and the width at which nothing wraps."""
    column = table.columns[i]
    texts = [cell(row[i], column.kind, currency) for row in table.rows]
    total: Value = table.total[i] if table.total else None
    sums = measure(cell(total, column.kind, currency), True)
    whole = max([measure(text, False) for text in texts] + [sums])
    words = max((measure(word, True) for word in column.head.split()), default=0.0)
    if column.kind is not Kind.TEXT:
        need = max(whole, min(words, width / 2)) + 2 * pad
        return _Need(need, max(need, min(measure(column.head, True) + 2 * pad, need * 1.4)))
    least = max(min(whole, width), min(words, width)) + 2 * pad
    return _Need(least, max(least, whole + 2 * pad, measure(column.head, True) + 2 * pad))


def _groups(table: Table, columns: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for i in columns:
        same = found and table.columns[i].group and table.columns[found[-1][-1]].group == table.columns[i].group
        if same:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _parts(group: list[int], needs: Sequence[_Need], room: float) -> list[list[int]]:
    """A group whole where it fits, else cut where the room ends."""
    parts: list[list[int]] = [[]]
    for i in group:
        if parts[-1] and sum(needs[j].least for j in parts[-1]) + needs[i].least > room:
            parts.append([])
        parts[-1].append(i)
    return parts


def _evened(table: Table, parts: list[list[int]], needs: Sequence[_Need], room: float) -> list[list[int]]:
    """Moves columns so that the last table is not left with one or two, where that cuts no group."""
    flat = [i for part in parts for i in part]
    each = -(-len(flat) // len(parts))
    even = [flat[start:start + each] for start in range(0, len(flat), each)]
    fits = all(sum(needs[i].least for i in part) <= room for part in even)
    groups = [table.columns[i].group for i in range(len(table.columns))]
    fits = fits and all(not groups[part[0]] or groups[part[0]] != groups[part[0] - 1] for part in even[1:])
    return even if fits and len(parts) > 1 and len(flat) > 2 * len(parts) + 4 else parts


def _spread(columns: list[int], needs: Sequence[_Need], width: float) -> Fitted:
    """Gives the room left over first to columns that wrap, then to all."""
    widths = {i: needs[i].least for i in columns}
    left = width - sum(widths.values())
    for i in sorted(columns, key=lambda i: needs[i].wished - needs[i].least):
        more = max(min(needs[i].wished - widths[i], left), 0.0)
        widths[i] += more
        left -= more
    share = left / len(columns)
    return Fitted(tuple(columns), tuple(widths[i] + share for i in columns))
