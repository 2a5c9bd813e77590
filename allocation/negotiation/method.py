"""What every method of division has in common: its form, what it needs to know, and its worked examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from allocation.negotiation.question import Question
from allocation.terms import Rule
from ledger.errors import PoolbookError
from ledger.language import Said


class MethodLacks(PoolbookError):
    code = "method-lacks"
    what = "the method {method} needs {what}, which this division does not state"
    remedy = "add `{key}` to the division, or leave the method out"


class MethodUnknown(PoolbookError):
    code = "division-method-unknown"
    what = "there is no method of division `{name}`"
    remedy = "write one of: {known}{hint}"


NEEDS = {"sizes": (Said("weights, claims or costs alone to be proportional to"), "weights"),
         "claims": (Said("what each party claims"), "claims"),
         "alone": (Said("what each party and each coalition would bear or have alone"), "alone"),
         "baseline": (Said("what each party has or bears now"), "baseline")}


class Method(Rule):
    """A way to divide: each kind is one file in `allocation/negotiation/methods`, found by its `method`.

    A kind may have terms of its own as fields. `words` is one paragraph that a board member understands.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        """What each party has or bears, in minor units, not yet rounded; all of it is divided."""
        raise NotImplementedError

    def title(self) -> str:
        """The method in a few words, as the head of a column."""
        raise NotImplementedError

    def lacks(self) -> tuple[str, ...]:
        """What this method needs to be told, as keys of `NEEDS`."""
        return self.needs

    def awards(self, question: Question, currency: str = "GBP") -> dict[str, Fraction]:
        """The exact division, in the order of the parties. Raises `MethodLacks` where a table is not stated."""
        for need in self.lacks():
            stated = question.sizes() if need == "sizes" else getattr(question, need)
            if not stated:
                what, key = NEEDS[need]
                raise MethodLacks(method=self.name, what=what, key=key)
        found = self.exact(question, currency)
        assert sum(found.values(), Fraction(0)) == question.amount, "a method divides all of it"
        return {p: found[p] for p in question.parties}


@dataclass(frozen=True, slots=True)
class MethodExample:
    """A worked example that stands in a method's own file: run by the tests. `gives` is exact, in major units."""

    terms: Mapping[str, Any]
    question: Mapping[str, Any]
    gives: Mapping[str, str]
    words: str = ""
