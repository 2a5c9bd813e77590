"""The pictures of a pack in its workbook: each as a table with live charts of it, described in words.

The charts draw what the table beside them holds, so that whoever changes a figure sees it move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from exports.pack.model import Multiples, Pack, Page, Picture, Ranges, Tornado, Waterfall
from exports.pack.told import CHANGE, MONEY
from exports.view import Column, Table
from exports.words import Value
from ledger.language import _


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of a chart's scale, and the step between its lines, in minor units."""

    low: int
    high: int
    step: int

    @classmethod
    def of(cls, amounts: Iterable[int], beyond: int) -> Scale:
        """A scale of round figures that holds all amounts, with so many percent of their reach beyond either end."""
        found = list(amounts)
        low, high = min(found), max(found)
        room = (high - low) * beyond // 100
        low, high = low - room, high + room
        step = _round(max((high - low) // 5, 1))
        return cls(low // step * step, -(-high // step) * step or step, step)


def _round(least: int) -> int:
    """The smallest of 1, 2 or 5 times a power of ten that is not less."""
    size = int("1".ljust(len(str(least)), "0"))
    return next(size * times for times in (1, 2, 5, 10) if size * times >= least)


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart of some rows of a table. `rows`: from the first row of the body, the end left out.

    `kind`: waterfall | bars | tornado | ranges.
    """

    kind: str
    title: str
    described: str
    rows: tuple[int, int]
    scale: Scale


@dataclass(frozen=True, slots=True)
class Plotted:
    """A sheet with a table and its charts."""

    table: Table
    plots: tuple[Plot, ...]


def plotted(made: Pack) -> tuple[Plotted, ...]:
    """Every picture's sheet, in the order of the pack."""
    found = [_shared(part) for part in made.parts if not isinstance(part, Table)]
    for page in made.pages:
        pictures: list[Picture] = [part for part in page.parts if not isinstance(part, Table)]
        found.append(_waterfalls(page, [part for part in pictures if isinstance(part, Waterfall)]))
        found += [_tornado(page, part) for part in pictures if isinstance(part, Tornado) and part.bars]
    return tuple(found)


def _shared(part: Picture) -> Plotted:
    assert isinstance(part, Multiples | Ranges), "other pictures are of one partner"
    return _multiples(part) if isinstance(part, Multiples) else _ranges(part)


def _multiples(part: Multiples) -> Plotted:
    """A chart a partner, all on one scale."""
    rows: list[tuple[Value, ...]] = [(name, option, amount) for name, some in part.charts for option, amount in some]
    columns = (Column(_("Partner")), Column(_("Option")), Column(_("Change from today"), CHANGE))
    scale = Scale.of((0, *(amount for _name, some in part.charts for _option, amount in some)), 30)
    table = Table(_("Change by partner"), part.heading, part.caption.rstrip("."), columns, tuple(rows))
    return Plotted(table, tuple(_one_each(part.charts, "bars", part.alternative, scale)))


def _ranges(part: Ranges) -> Plotted:
    """A chart a partner, all on one scale: the call at P10, P50 and P90."""
    rows: list[tuple[Value, ...]] = [(name, option, *amounts) for name, some in part.charts
                                     for option, *amounts in some]
    columns = (Column(_("Partner")), Column(_("Option")),
               *(Column(_("Call at {percentile}").format(percentile=p), CHANGE) for p in ("P10", "P50", "P90")))
    scale = Scale.of((0, *(amount for _name, some in part.charts for _option, *found in some for amount in found)), 0)
    table = Table(_("Exposure ranges"), part.heading, part.caption.rstrip("."), columns, tuple(rows))
    return Plotted(table, tuple(_one_each(part.charts, "ranges", part.alternative, scale)))


def _one_each(charts: Sequence[tuple[str, Sequence[object]]], kind: str, words: str,
              scale: Scale) -> Iterator[Plot]:
    ends = list(accumulate((len(some) for _name, some in charts), initial=0))
    for (name, _some), first, end in zip(charts, ends, ends[1:], strict=False):
        yield Plot(kind, name, f"{name}. {words}", (first, end), scale)


def _waterfalls(page: Page, parts: Sequence[Waterfall]) -> Plotted:
    """One partner's waterfalls below each other; `starts at` is what the bars of more and less stand on."""
    rows: list[tuple[Value, ...]] = []
    plots: list[Plot] = []
    for part in parts:
        first = len(rows)
        levels = list(accumulate((amount for _step, amount in part.steps), initial=part.first[1]))
        rows.append((part.last[0], part.first[0], part.first[1], None, None, None))
        rows += [(part.last[0], step, None, min(before, after), max(after - before, 0), max(before - after, 0))
                 for (step, _amount), before, after in zip(part.steps, levels, levels[1:], strict=False)]
        rows.append((part.last[0], part.last[0], part.last[1], None, None, None))
        plots.append(Plot("waterfall", part.heading, part.alternative, (first, len(rows)), _reach(levels)))
    columns = (Column(_("Option")), Column(_("Step")), Column(_("Owed"), MONEY), Column(_("Starts at"), MONEY),
               Column(_("More"), MONEY), Column(_("Less"), MONEY))
    table = Table(_("{partner} waterfalls").format(partner=page.name), _("From today to each option, by driver"),
                  _("What each driver adds or takes away; the charts begin above zero"), columns, tuple(rows))
    return Plotted(table, tuple(plots))


def _reach(levels: Sequence[int]) -> Scale:
    """The scale of a waterfall: near its steps where all is above zero, else from zero."""
    scale = Scale.of(levels, 25)
    return scale if min(levels) > 0 and scale.low > 0 else Scale.of((0, *levels), 10)


def _tornado(page: Page, part: Tornado) -> Plotted:
    columns = (Column(_("Input")), Column(_("A tenth less"), CHANGE), Column(_("A tenth more"), CHANGE))
    table = Table(_("{partner} inputs").format(partner=page.name), part.heading, part.caption.rstrip("."), columns,
                  part.bars)
    scale = Scale.of((0, *(amount for _input, *found in part.bars for amount in found)), 25)
    return Plotted(table, (Plot("tornado", part.heading, part.alternative, (0, len(part.bars)), scale),))
