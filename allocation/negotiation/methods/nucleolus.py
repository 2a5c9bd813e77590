"""Method `nucleolus`: the loudest complaint of any coalition is made as quiet as can be, then the next loudest."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.negotiation.game import game_of
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.nucleolus import nucleolus
from allocation.negotiation.question import Question
from ledger.language import Said


class Nucleolus(Method):
    name = "nucleolus"
    words = Said(
        "Every group of partners may complain of how much better it would do alone. This division makes the "
        "loudest complaint as quiet as it can be made, then the next loudest, and so on. If any division keeps "
        "every group better off inside than outside, this one does. A larger cost may, in rare cases, lower "
        "somebody's part; the table says whether that happens here.")
    formula = "lexicographic minimum of the excesses e(S, x) = x(S) − c(S) (for a pot v(S) − x(S)), largest first"
    source = "D. Schmeidler, SIAM Journal on Applied Mathematics 17 (1969); Maschler, Potters and Tijs (1992)"
    needs = ("alone",)
    examples = (
        MethodExample({}, {"cost": "17", "parties": ["a", "b"], "alone": {"a": "10", "b": "12"}},
                      {"a": "15/2", "b": "19/2"}, "two partners halve what they save together"),
        MethodExample({}, {"cost": "18", "parties": ["a", "b", "c"],
                           "alone": {"a": "6", "b": "12", "c": "18", "a+b": "12", "a+c": "18", "b+c": "18"}},
                      {"a": "3", "b": "9/2", "c": "21/2"},
                      "a runway: each step is borne so that the short and the long complain alike (Littlechild 1974)"),
        MethodExample({}, {"pot": "200", "parties": ["a", "b", "c"],
                           "alone": {"a": "0", "b": "0", "c": "0", "a+b": "0", "a+c": "0", "b+c": "100"}},
                      {"a": "50", "b": "75", "c": "75"}, "the Talmud's estate of 200 for claims of 100, 200 and 300"),
    )

    method: Literal["nucleolus"] = "nucleolus"

    def title(self) -> str:
        return Said("Nucleolus")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        return nucleolus(game_of(question))
