"""Method `talmud`: equal awards up to half of each claim, then equal losses of the other halves."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.division import divide
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said

_THREE = {"parties": ["a", "b", "c"], "claims": {"a": "100", "b": "200", "c": "300"}}


class Talmud(Method):
    name = "talmud"
    words = Said(
        "Where there is little, it is shared as equal awards until everybody has half of its claim; where there "
        "is much, as equal losses of the other halves. Any two partners then divide what they have together as "
        "they would if they were alone: each concedes what the other alone claims, and the rest is halved. It "
        "stands between favouring small claims and favouring large ones.")
    formula = "E ≤ Σd/2: equal awards of d/2; else d − equal awards of d/2 for Σd − E"
    source = "Babylonian Talmud, Kethubot 93a; Aumann and Maschler, Journal of Economic Theory 36 (1985)"
    needs = ("claims",)
    examples = (
        MethodExample({}, {"pot": "100", **_THREE}, {"a": "100/3", "b": "100/3", "c": "100/3"}),
        MethodExample({}, {"pot": "200", **_THREE}, {"a": "50", "b": "75", "c": "75"}),
        MethodExample({}, {"pot": "300", **_THREE}, {"a": "50", "b": "100", "c": "150"}),
    )

    method: Literal["talmud"] = "talmud"

    def title(self) -> str:
        return Said("Talmud")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        awards = divide("talmud", [question.claims[p] for p in question.parties], question.amount, currency)
        return dict(zip(question.parties, awards, strict=True))
