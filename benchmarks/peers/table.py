"""What the turns came to, as a table: medians, rates, ratios to Poolbook and to the machine's own limit."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.peers.contenders import POSTING, Contender, Turn

OURS = {"postgresql": "Poolbook, PostgreSQL", "sqlite": "Poolbook, SQLite"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A contender's turns; without any, why it did not take part."""

    contender: Contender
    turns: Sequence[Turn]
    missing: str = ""

    @property
    def seconds(self) -> float:
        return statistics.median(turn.seconds for turn in self.turns)

    @property
    def inside(self) -> float | None:
        """The median of the part that was timed inside, where it was."""
        found = [turn.inside for turn in self.turns if turn.inside is not None]
        return statistics.median(found) if found else None

    @property
    def rate(self) -> float:
        return self.turns[0].entries / self.seconds


def rows(outcomes: Sequence[Outcome], work: str) -> list[list[str]]:
    """The lines of one table, under its headings."""
    of_work = {one.contender.name: one for one in outcomes if one.contender.work == work}
    head = ["", "how", "version", "entries", "median s", "spread s",
            *(["from entries s", "a second", "of the limit", "Poolbook is"] if work == POSTING
              else ["summing alone s", "Poolbook is"])]
    return [head, *(_line(one, of_work) for one in of_work.values())]


def _line(one: Outcome, of_work: Mapping[str, Outcome]) -> list[str]:
    who = one.contender
    if not one.turns:
        return [who.name, f"MISSING: {one.missing}"]
    seconds = [turn.seconds for turn in one.turns]
    start = [who.name, who.how, one.turns[0].version, f"{one.turns[0].entries:,}", f"{one.seconds:.2f}",
             f"{min(seconds):.2f}–{max(seconds):.2f}"]
    alone = f"{one.inside:.{2 if who.work == POSTING else 4}f}" if one.inside is not None else ""
    if who.work != POSTING:
        return [*start, alone, _times(one, of_work)]
    limit = of_work.get(who.limit)
    # the limit has its rows ready-made, so it is compared with what begins with ready-made entries
    of_limit = f"{limit.seconds / limit.turns[0].entries * one.turns[0].entries / (one.inside or one.seconds):.2f}" \
        if limit and limit.turns else ""
    return [*start, alone, f"{one.rate:,.0f}", of_limit, _times(one, of_work)]


def _times(one: Outcome, of_work: Mapping[str, Outcome]) -> str:
    """How many times as fast Poolbook is, on the database that the peer uses too, else on SQLite."""
    ours = of_work.get(OURS["postgresql" if "PostgreSQL" in one.contender.name else "sqlite"])
    is_peer = one.contender.name not in OURS.values() and (one.contender.limit or one.contender.work != POSTING)
    return f"{ours.rate / one.rate:.1f} ×" if is_peer and ours and ours.turns else ""


def text(lines: Sequence[Sequence[str]]) -> str:
    """A table for a terminal."""
    whole = [line for line in lines if len(line) > 2]
    widths = [max(len(line[n]) for line in whole) for n in range(len(whole[0]))]
    return "\n".join("  ".join(cell.ljust(widths[n]) if len(line) > 2 and n < 3 else cell.rjust(widths[n])
                               if len(line) > 2 else cell.ljust(widths[0]) for n, cell in enumerate(line)).rstrip()
                     for line in lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """The same as Markdown."""
    width = len(lines[0])
    full = [[*line, *[""] * (width - len(line))] for line in lines]
    rule = ["---"] * 3 + ["---:"] * (width - 3)
    return "\n".join(f"| {' | '.join(line)} |" for line in (full[0], rule, *full[1:]))
