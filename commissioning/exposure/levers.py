"""What an input does to each partner: its effect when it is ten percent lower or higher, and where an answer turns.

The inputs are those of `commissioning.scenario.levers`, the year is worked out as for any scenario. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocation.discovery import near
from allocation.terms import number_text
from commissioning.scenario.base import Base
from commissioning.scenario.run import Values, run
from commissioning.scenario.values import Lever
from ledger.errors import PoolbookError, Refused
from ledger.money import grouped, largest_remainder, round_half_up

Levers = Mapping[str, Lever]
Measure = Callable[[Fraction], int]
"""An amount in minor units that follows from an input's value."""
HUNDRED = frozenset({"percent", "estimate"})
"""Tables whose percentages total 100."""


class LeverUnknown(PoolbookError):
    code = "lever-unknown"
    what = "this year has no input {path!r}"
    remedy = "write its path as the scenario workbook names it{hint}"


class BreakEvenMissing(PoolbookError):
    code = "break-even-missing"
    what = "{path} has no break-even from {low} to {high}: at both ends ({at_low}, {at_high}) the same side has less"
    remedy = "look in a wider range, or at another input"


@dataclass(frozen=True, slots=True)
class Bar:
    """One input's effect. `changes`: by partner, what it owes more (+) or less (−) at `low` and at `high`, minor units.

    `refused`: why the year cannot be worked out at one of them; then there are no changes.
    """

    lever: Lever
    low: Fraction
    high: Fraction
    changes: Mapping[str, tuple[int, int]]
    refused: tuple[PoolbookError, ...] = ()

    @property
    def swing(self) -> int:
        """The largest effect on anybody."""
        return max((abs(change) for pair in self.changes.values() for change in pair), default=0)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where an amount turns its sign. `below` and `above` are neighbours among the values that the input can have.

    Where the amount is zero at a value, both are that value: the first one coming from the low end.
    """

    below: Fraction
    above: Fraction


def dues(base: Base, levers: Levers, values: Values) -> dict[str, int]:
    """What each partner owes in all with these inputs. Raises as `scenario.run` does."""
    return {line.id: line.liability for line in run(base, levers, values).statement.partners}


def tornado(base: Base, levers: Levers, paths: Iterable[str] | None = None, percent: int = 10,
            values: Values | None = None) -> list[Bar]:
    """Each input a tenth lower and higher, all others as in `values`; the widest effect first.

    `paths`: which inputs (None: all but switches and what is zero). A growth moves by percentage points. Percentages
    that total 100 with others move these in proportion. Raises `LeverUnknown`.
    """
    held = dict(values or {})
    known = dues(base, levers, held)
    named = list(levers) if paths is None else list(paths)
    bars = [_bar(base, levers, named_lever(levers, path), percent, held, known) for path in named
            if paths is not None or _moves(levers, levers[path], held)]
    return sorted(bars, key=lambda bar: -bar.swing)


def named_lever(levers: Levers, path: str) -> Lever:
    """The input of a path. Raises `LeverUnknown`, with the nearest."""
    if path not in levers:
        raise LeverUnknown(path=path, hint=near(path, levers))
    return levers[path]


def _moves(levers: Levers, lever: Lever, held: Values) -> bool:
    """Whether a tenth more means something: not of a switch, a place, nothing, or 100 percent that stand alone."""
    if lever.form in ("switch", "order") or (_table(lever) is not None and not _others(levers, lever)):
        return False
    return _is_growth(lever) or held.get(lever.path, lever.baseline) != 0


def _is_growth(lever: Lever) -> bool:
    return lever.form == "year" and lever.at[-1] == "growth"


def _bar(base: Base, levers: Levers, lever: Lever, percent: int, held: Values, known: Mapping[str, int]) -> Bar:
    now = held.get(lever.path, lever.baseline)
    by = Fraction(percent) if _is_growth(lever) else abs(now) * percent / 100
    ends = [on_grid(lever, now - by), on_grid(lever, now + by)]
    try:
        low, high = (dues(base, levers, {**held, **moved(levers, lever, end, held)}) for end in ends)
    except Refused as refused:
        return Bar(lever, ends[0], ends[1], {}, refused.faults)
    except PoolbookError as error:
        return Bar(lever, ends[0], ends[1], {}, (error,))
    return Bar(lever, ends[0], ends[1], {p: (low[p] - due, high[p] - due) for p, due in known.items()})


def on_grid(lever: Lever, value: Fraction) -> Fraction:
    """The nearest value that the input can have, within its limits."""
    return min(max(Fraction(round_half_up(value * lever.scale), lever.scale), Fraction(lever.low)),
               Fraction(lever.high))


def moved(levers: Levers, lever: Lever, value: Fraction, held: Values | None = None) -> dict[str, Fraction]:
    """The input at a value; where it is one of several percentages that total 100, with the others in proportion."""
    others = _others(levers, lever)
    if not others:
        return {lever.path: value}
    now = [(held or {}).get(one.path, one.baseline) for one in others]
    whole = sum(now, Fraction(0))
    left = (100 - value) * lever.scale
    sizes = [left * part / whole for part in now] if whole else [left / len(now)] * len(now)
    parts = largest_remainder(sizes)
    return {lever.path: value, **{one.path: Fraction(part, lever.scale)
                                  for one, part in zip(others, parts, strict=True)}}


def _others(levers: Levers, lever: Lever) -> list[Lever]:
    """The inputs with which this one totals 100 percent."""
    return [one for one in levers.values() if one is not lever and _table(one) == _table(lever) is not None]


def _table(lever: Lever) -> tuple[str | int, ...] | None:
    """The table of percentages in which an input stands, if they total 100."""
    if len(lever.at) > 2 and lever.at[-2] in HUNDRED:
        return lever.at[:-1]
    return lever.at[:-2] if len(lever.at) > 3 and lever.at[-3] == "parties" and lever.at[-1] == "percent" else None


def break_even(lever: Lever, difference: Measure, low: Fraction | None = None, high: Fraction | None = None,
               currency: str = "GBP") -> BreakEven:
    """Where `difference` turns from one sign to the other, by bisection over the values that the input can have.

    `difference`: for example what a partner owes less what it is willing to, or what it owes in one scenario less what
    it owes in another, as the same input moves. Looks from `low` to `high` (where not given: nothing to twice the
    baseline; for a growth -100 to 100 percent), exactly, down to one step of the input. With several turns it finds
    one of them. Raises `BreakEvenMissing` where both ends have the same sign.
    """
    usual = (Fraction(-100), Fraction(100)) if _is_growth(lever) else (Fraction(0), 2 * lever.baseline)
    first, last = (on_grid(lever, value if given is None else given)
                   for value, given in zip(usual, (low, high), strict=True))
    left, right = int(first * lever.scale), int(last * lever.scale)

    def at(step: int) -> int:
        return difference(Fraction(step, lever.scale))

    at_left, at_right = at(left), at(right)
    if at_left == 0:
        return BreakEven(first, first)
    if (at_left > 0) == (at_right > 0) and at_right != 0:
        raise BreakEvenMissing(path=lever.path, low=number_text(first), high=number_text(last),
                               at_low=grouped(at_left, currency), at_high=grouped(at_right, currency))
    rising = at_left < 0
    while right - left > 1:
        middle = (left + right) // 2
        found = at(middle)
        if (found < 0) == rising and found != 0:
            left = middle
        else:
            right, at_right = middle, found
    below = left if at_right else right
    return BreakEven(Fraction(below, lever.scale), Fraction(right, lever.scale))
