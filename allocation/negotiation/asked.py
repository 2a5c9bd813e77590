"""What a file about fairness holds: the question, and the methods that have terms of their own."""

from __future__ import annotations

from allocation.negotiation.methods import AnyMethod
from allocation.negotiation.question import Question
from allocation.negotiation.table import Division, divide, plain


class Asked(Question):
    """A question that is asked of every method, and of those that `methods` states with their own terms.

    A method stands in `methods` by its name with its terms, as `{method: hold_harmless, max_loss_percent: 2, target:
    shapley}`; one that has none needs no mention.
    """

    methods: tuple[AnyMethod, ...] = ()


def answered(asked: Asked, currency: str) -> Division:
    """Every method's division side by side, those stated after those that need no terms."""
    bare = plain()
    more = [method for method in asked.methods if method not in bare]
    return divide(asked, [*bare, *more], currency)
