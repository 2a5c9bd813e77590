"""Largest remainder in cells: the one place that knows how a whole is divided to the penny in plain formulas.

Three tables hold every split by weights, a row a party. Small whole weights (shares in percent) are divided as
T div W and T mod W, which anybody can follow with a calculator; weights that are pence, or that people may make large,
digit by digit in groups of three, so that no product passes 2^53; weights that are products, one digit at a time. All
are exact where W is at most what they say. What is divided by no common weights is in `exact`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from exports.scenario.model import Book, Column, Formula, Frozen, Ref, Sheet, Term

SMALL = 10**7  # the most that weights may total in the short table
LARGE = 10**12  # and in the long one; amounts stay below 10^12 minor units everywhere
FINE = 4 * 10**14  # and in the one for products of weights
MOST = {"Splits": SMALL, "MoneySplits": LARGE, "FineSplits": FINE}
TIES = "ties go to the partner that the agreement lists first"


@dataclass(frozen=True, slots=True)
class Weight:
    """What one party counts for: a cell, or a whole number that does not change."""

    party: str
    weight: Term


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a split, in the order of ties, and the most that they can total."""

    parts: tuple[Weight, ...]
    most: int = LARGE

    def names(self) -> tuple[str, ...]:
        return tuple(part.party for part in self.parts)


_SHORT = ("T div W", "T mod W", "Whole part", "Remainder")
_LONG = ("T digits 1", "T digits 2", "T digits 3", "T digits 4", "Quotient 1", "Rest 1", "Quotient 2", "Rest 2",
         "Quotient 3", "Rest 3", "Whole part", "Remainder")
_FINE = (*(head for n in range(1, 12) for head in (f"Quotient {n}", f"Rest {n}")), "Whole part", "Remainder")


class Splits:
    """Writes splits into a book; answers the cells of the parts."""

    def __init__(self, book: Book) -> None:
        self.book = book
        head = (Column("Number", "whole", 10), Column("What is divided", width=44), Column("Party", width=22),
                Column("Amount T", "whole", 18), Column("Weight", "whole", 18), Column("Weights W", "whole", 18))
        tail = (Column("Left over", "whole", 11), Column("Rank", "whole", 8), Column("Part", "whole", 18))
        self.short = book.sheet(Sheet(
            "Splits", "Splits by shares", "Largest remainder in pence: each party has T div W × weight, and what is "
            f"left goes to the largest remainders; {TIES}.",
            (*head, *(Column(name, "whole", 15) for name in _SHORT), *tail)))
        self.long = book.sheet(Sheet(
            "MoneySplits", "Splits by amounts of money", "Largest remainder in pence, by weights that are themselves "
            f"large: T × weight ÷ W three digits at a time, so that nothing is lost; {TIES}.",
            (*head, *(Column(name, "whole", 15) for name in _LONG), *tail)))
        self.fine = book.sheet(Sheet(
            "FineSplits", "Splits by products of weights", "Largest remainder in pence, by weights that are products "
            f"of others: T × weight ÷ W one digit of T at a time, the highest first; {TIES}.",
            (*head, *(Column(name, "whole", 18) for name in _FINE), *tail)))
        self.count = 0

    def split(self, what: str, total: Term | Frozen, weights: Weights) -> dict[str, Ref]:
        """`total` (minor units, either sign) by weights; nobody has anything where all weights are zero."""
        if not weights.parts:
            return {}
        sheet, fill = ((self.short, _short) if weights.most <= SMALL else
                       (self.long, _long) if weights.most <= LARGE else (self.fine, _fine))
        self.count += 1
        first = sheet.next_row
        last = first + len(weights.parts) - 1
        for i, part in enumerate(weights.parts):
            row = first + i
            sheet.add(self.count, what, part.party, _value(total if i == 0 else f"{sheet.name}!$D${first}"),
                      _value(part.weight), Formula(f"=SUM({sheet.name}!$E${first}:$E${last})"),
                      *fill(sheet.name, row, first, last))
        column = len(sheet.columns) - 1
        return {part.party: sheet.ref(column, first + i) for i, part in enumerate(weights.parts)}


def _value(value: Term | Frozen) -> int | Formula | Frozen:
    return value if isinstance(value, int | Frozen) else Formula(f"={value}")


def _short(sheet: str, row: int, first: int, last: int) -> Sequence[Formula]:
    def at(column: str) -> str:
        return f"{sheet}!${column}${row}"

    t, w, whole = f"ABS({at('D')})", at("E"), at("F")
    return (Formula(f"=IF({whole}=0,0,INT({t}/{whole}))"), Formula(f"={t}-{at('G')}*{whole}"),
            Formula(f"=IF({whole}=0,0,{at('G')}*{w}+INT({at('H')}*{w}/{whole}))"),
            Formula(f"=IF({whole}=0,0,{at('H')}*{w}-INT({at('H')}*{w}/{whole})*{whole})"),
            *_ranked(sheet, row, first, last, "I", "J", "K", "L"))


def _long(sheet: str, row: int, first: int, last: int) -> Sequence[Formula]:
    def at(column: str) -> str:
        return f"{sheet}!${column}${row}"

    t, w, whole = f"ABS({at('D')})", at("E"), at("F")
    digits = [Formula(f"=INT({t}/{10**9})"), *(Formula(f"=INT({t}/{10**n})-1000*INT({t}/{10**(n + 3)})")
                                              for n in (6, 3, 0))]
    steps: list[Formula] = []
    before = ""
    for digit, quotient, rest in zip("GHIJ", "KMOQ", "LNPR", strict=True):
        x = f"({f'{at(before)}*1000+' if before else ''}{at(digit)}*{w})"
        carried = f"{at(_before(quotient))}*1000+" if before else ""
        steps += [Formula(f"=IF({whole}=0,0,{carried}INT({x}/{whole}))"),
                  Formula(f"=IF({whole}=0,0,{x}-INT({x}/{whole})*{whole})")]
        before = rest
    return (*digits, *steps, *_ranked(sheet, row, first, last, "Q", "R", "S", "T"))


def _fine(sheet: str, row: int, first: int, last: int) -> Sequence[Formula]:
    def at(column: int) -> str:
        return f"{sheet}!${get_column_letter(column)}${row}"

    t, w, whole = f"ABS({at(4)})", at(5), at(6)
    steps: list[Formula] = []
    for n, power in enumerate(range(11, -1, -1)):
        digit = f"(INT({t}/{10**power})-10*INT({t}/{10**(power + 1)}))"
        quotient, rest = (f"{at(5 + 2 * n)}*10", f"{at(6 + 2 * n)}*10") if n else ("0", "0")
        x = f"({rest}+{digit}*{w})"
        steps += [Formula(f"=IF({whole}=0,0,{quotient}+INT({x}/{whole}))"),
                  Formula(f"=IF({whole}=0,0,{x}-INT({x}/{whole})*{whole})")]
    return (*steps, *_ranked(sheet, row, first, last, *map(get_column_letter, (29, 30, 31, 32))))


def _before(column: str) -> str:
    return chr(ord(column) - 2)


def _ranked(sheet: str, row: int, first: int, last: int, *columns: str) -> Sequence[Formula]:
    """How many pennies are left over, whose remainder is how large, and the part with its penny and its sign."""
    part, rest, left, rank = columns

    def at(column: str, line: int = row) -> str:
        return f"{sheet}!${column}${line}"

    block, so_far = f"{at(rest, first)}:${rest}${last}", f"{at(rest, first)}:${rest}${row}"
    return (Formula(f"=IF({at('F')}=0,0,ABS({at('D')})-SUM({at(part, first)}:${part}${last}))"),
            Formula(f'=COUNTIF({block},">"&{at(rest)})+COUNTIF({so_far},{at(rest)})'),
            Formula(f"=SIGN({at('D')})*({at(part)}+IF({at(rank)}<={at(left)},1,0))"))

