"""Exact parts in cells, where no common weights divide a whole: each a whole number and a fraction below one.

`Fractions` takes an amount times a cell over a cell, digit by digit, so that its whole part is exact and its fraction
right to fifteen digits. `Quotas` adds such parts up and gives the pennies left over to the largest remainders; two
remainders count as the same where they are within a hundred-thousand-millionth of a penny of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exports.scenario.model import Book, Column, Formula, Ref, Sheet, Term, plus
from exports.scenario.split import TIES

SNAP = "0.000000000005"
FINEST = 10**11
_NONE: Term = 0


@dataclass(frozen=True, slots=True)
class Part:
    """An exact amount: whole units and a fraction of one."""

    whole: Term
    rest: Term = _NONE


NOTHING = Part(0)


def together(parts: Sequence[Part]) -> Part:
    """Exact amounts added up, each in brackets."""
    some = [part.rest for part in parts if part.rest != 0]
    return Part(f"({plus([part.whole for part in parts])})", f"({plus(some)})" if some else _NONE)


class Exact:
    """Writes exact parts into a book; answers their cells."""

    def __init__(self, book: Book) -> None:
        head = (Column("Number", "whole", 10), Column("What", width=44), Column("Party", width=22))
        middle = ("Quotient 1", "Rest 1", "Quotient 2", "Rest 2", "Quotient 3", "Rest 3", "Quotient 4", "Rest 4")
        self.fractions = book.sheet(Sheet(
            "Fractions", "Exact parts of amounts", "Amount × times ÷ over, three digits at a time: the whole pence, "
            "and the part of a penny beside them.",
            (*head, Column("Amount", "whole", 18), Column("Part of a penny", "exact", 20), Column("Times", "whole", 18),
             Column("Over", "whole", 18), *(Column(name, "whole", 16) for name in middle),
             Column("Whole pence", "whole", 18), Column("And part of a penny", "exact", 20),
             Column("Part of times", "exact", 20), Column("Part of over", "exact", 20))))
        self.quotas = book.sheet(Sheet(
            "Quotas", "Splits by exact parts", "Largest remainder in pence where each party has an exact part: whole "
            f"pence first, what is left goes to the largest remainders; {TIES}.",
            (*head, Column("Amount T", "whole", 18), Column("Exact part, whole", "whole", 18),
             Column("Exact part, rest", "exact", 20), Column("Whole part", "whole", 18),
             Column("Remainder", "whole", 18), Column("Left over", "whole", 11), Column("Rank", "whole", 8),
             Column("Part", "whole", 18))))
        self.count = 0

    def times(self, what: str, who: str, amount: Part, times: Term | Part, over: Term | Part) -> Part:
        """An amount times a cell over another (not negative), any of them with a fraction; nothing where that is zero.

        Where `times` or `over` is an exact part itself, what the fractions of both add is below a penny, so that
        fifteen digits of it are enough: T·(w+ω)/(W+ο) = N + (rest + T·ω − N·ο)/(W+ο), where N is T·w ÷ W in whole.
        """
        sheet = self.fractions
        row = sheet.next_row
        times, over = (one if isinstance(one, Part) else Part(one) for one in (times, over))

        def at(column: str) -> str:
            return f"{sheet.name}!${column}${row}"

        t, w, whole = at("D"), f"ABS({at('F')})", at("G")
        steps: list[Formula] = []
        for n in range(4):
            power = 10**(9 - 3 * n)
            digits = f"INT({t}/{power})" if not n else f"(INT({t}/{power})-1000*INT({t}/{power * 1000}))"
            before = (f"{at('HJLN'[n - 1])}*1000", f"{at('IKMO'[n - 1])}*1000") if n else ("0", "0")
            x = f"({before[1]}+{digits}*{w})"
            steps += [Formula(f"=IF({whole}=0,0,{before[0]}+INT({x}/{whole}))"),
                      Formula(f"=IF({whole}=0,0,{x}-INT({x}/{whole})*{whole})")]
        under, sign, part = whole, f"SIGN({at('F')})", f"({at('O')}+{at('E')}*{w})"
        if times.rest != 0 or over.rest != 0:
            under, sign = f"({whole}+{at('S')})", f"IF({at('F')}<0,-1,1)"
            part = f"({at('O')}+{at('E')}*{w}+({t}+{at('E')})*{at('R')}-{at('N')}*{at('S')})"
        part = f"({part}/{under})"
        carry = f"INT({part}+{SNAP})"
        sheet.add(len(sheet.rows) + 1, what, who, _formula(amount.whole), _formula(amount.rest), _formula(times.whole),
                  _formula(over.whole), *steps, Formula(f"=IF({under}=0,0,{sign}*({at('N')}+{carry}))"),
                  Formula(f"=IF({under}=0,0,{sign}*({part}-{carry}))"), _formula(times.rest), _formula(over.rest))
        return Part(sheet.ref(15, row), sheet.ref(16, row))

    def tidy(self, what: str, who: str, part: Part) -> Part:
        """An exact part with a fraction that is not below zero, and below one."""
        return part if isinstance(part.whole, Ref) else self.times(what, who, part, 1, 1)

    def settle(self, what: str, total: Term, parts: Mapping[str, Sequence[Part]],
               order: Iterable[str]) -> dict[str, Ref]:
        """The size of `total` (either sign) in whole minor units, where each party has these exact parts of it."""
        return self._settle(what, total, parts, order, sized=True)[0]

    def running(self, what: str, total: Term, parts: Mapping[str, Sequence[Part]],
                order: Iterable[str]) -> tuple[dict[str, Ref], dict[str, Part]]:
        """The same where exact parts have the sign of what they are parts of; and each party's parts added up."""
        return self._settle(what, total, parts, order, sized=False)

    def _settle(self, what: str, total: Term, parts: Mapping[str, Sequence[Part]], order: Iterable[str], *,
                sized: bool) -> tuple[dict[str, Ref], dict[str, Part]]:
        sheet, names = self.quotas, [name for name in order if name in parts]
        if not names:
            return {}, {}
        self.count += 1
        first = sheet.next_row
        last = first + len(names) - 1
        for i, name in enumerate(names):
            row = first + i
            d, e, f, g, h, left, rank = (f"{sheet.name}!${column}${row}" for column in "DEFGHIJ")
            sign = f"IF({d}<0,-1,1)"
            x, y = (e, f) if sized else (f"{sign}*{e}", f"{sign}*{f}")
            top = f"{sheet.name}!$H${first}"
            block, so_far = f"{top}:$H${last}", f"{top}:$H${row}"
            sheet.add(self.count, what, name, _formula(total if i == 0 else f"{sheet.name}!$D${first}"),
                      _sum([part.whole for part in parts[name]]), _sum([part.rest for part in parts[name]]),
                      Formula(f"={x}+INT({y}+{SNAP})"), Formula(f"=ROUND(({y}-INT({y}+{SNAP}))*{FINEST},0)"),
                      Formula(f"=ABS({d})-SUM({sheet.name}!$G${first}:$G${last})"),
                      Formula(f'=COUNTIF({block},">"&({h}+1))+COUNTIF({so_far},">="&({h}-1))'
                              f'-COUNTIF({so_far},">"&({h}+1))'),
                      Formula(f"={sign}*({g}+IF({rank}<={left},1,0))"))
        return ({name: sheet.ref(10, first + i) for i, name in enumerate(names)},
                {name: Part(sheet.ref(4, first + i), sheet.ref(5, first + i)) for i, name in enumerate(names)})


def _sum(terms: Sequence[Term]) -> int | Formula:
    some = [term for term in terms if term != 0]
    return Formula(f"={plus(some)}") if some else 0


def _formula(value: Term) -> int | Formula:
    return value if isinstance(value, int) else Formula(f"={value}")
