"""The table on which lines, expectations and entries lie until they are matched, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from contributions.bank.model import BankLine
from contributions.bank.suggestion import CERTAIN, STRENGTHS, Booked, Expected, Match
from contributions.bank.words import by_word, named_in, refers_to, tokens

Finder = Callable[["Desk"], Iterator[Match]]
Names = Mapping[str, Sequence[str]]


class Desk:
    """What still lies there to be matched. `once`: the finders that are asked once for all strengths, being slow.

    `asked`: how sure the matches are to be that are asked for now.
    """

    def __init__(self, lines: list[BankLine], expected: list[Expected], booked: list[Booked], names: Names,
                 once: Collection[Finder]) -> None:
        self.lines, self.expected, self.booked = lines, expected, booked
        self.may_be_undone = {entry for entry in booked if not entry.undone and entry.kind != "reversal"}
        self.matches: list[Match] = []
        self.named = {line: named_in(line, names) for line in lines}
        self.saying = by_word(lines)
        self.there = set(lines)
        self.once, self.told = once, dict[Finder, list[Match]]()
        self.asked = CERTAIN

    def take(self, candidates: Iterable[Match]) -> None:
        """Keeps candidates one after the other, each if all that it needs is still there."""
        lines, expected, booked = self.there, set(self.expected), set(self.booked)
        for one in candidates:
            undoes = {one.undoes} if one.undoes else set()
            if (lines.issuperset(one.lines) and expected.issuperset(one.expected) and booked.issuperset(one.booked)
                    and undoes <= self.may_be_undone):
                self.may_be_undone -= undoes
                lines -= set(one.lines)
                expected -= set(one.expected)
                booked -= set(one.booked)
                self.matches.append(one)
        self.lines = [line for line in self.lines if line in lines]
        self.expected = [item for item in self.expected if item in expected]
        self.booked = [entry for entry in self.booked if entry in booked]

    def in_order(self, strength: str, finders: Sequence[Finder]) -> None:
        """Takes what finders propose at this strength, one finder after the other; what was taken since falls.

        What is surer goes as well: it has become so since, where what else it might have been was taken.
        """
        self.asked = strength
        sure = STRENGTHS[:STRENGTHS.index(strength) + 1]
        for finder in finders:
            if finder not in self.told or finder not in self.once:
                self.told[finder] = list(finder(self))
            found = [one for one in self.told[finder] if one.strength in sure]
            self.take(sorted(found, key=lambda one: (not one.reason.referred, not one.reason.named, one.reason.days)))

    def fits(self, line: BankLine, party: str) -> bool:
        """Whether a line may be of a party: it names that one or nobody, or the party is not known."""
        return not party or not self.named[line] or party in self.named[line]

    def names(self, line: BankLine, party: str) -> bool:
        return bool(party) and self.named[line] == frozenset({party})

    def may_be(self, line: BankLine, parties: Iterable[str]) -> list[str]:
        """Of these parties those that a line may be of."""
        return [party for party in parties if self.fits(line, party)]

    def naming(self, reference: str) -> list[BankLine]:
        """The lines that name a reference: of those that say its rarest word, or all its words run together."""
        words = tokens(reference)
        if not words:
            return []
        some = min((self.saying.get(word, []) for word in words), key=len)
        there = dict.fromkeys([*some, *self.saying.get("".join(words), [])])
        return [line for line in there if line in self.there and refers_to(line, reference)]
