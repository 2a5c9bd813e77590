"""Step `offset` in cells: the listed services' underspends, at most the net underspend of their rule."""

from __future__ import annotations

from typing import cast

from allocation.steps.offset import Offset
from exports.scenario.given import Offered, Took
from exports.scenario.model import Term, plus
from exports.scenario.split import Weight, Weights


def take(at: Offered) -> Took:
    used: dict[str, Term] = {}
    taken: list[Term] = []
    for rule in at.usable:
        listed = {s: amount for s, amount in rule.underspends.items()
                  if s in cast("Offset", at.step).offset.services}
        if not listed:
            continue
        left = f"{at.amount}-({plus(taken)})"
        amount = at.line("underspends that may be used", ", ".join(listed),
                         f"MIN({left},{plus(list(listed.values()))},MAX({rule.net},0))",
                         "what is offered, what is listed, the net underspend of its rule: the least")
        taken.append(amount)
        used.update(at.split("underspends used", amount, Weights(tuple(Weight(s, u) for s, u in listed.items()))))
    return Took(columns={"offset": at.line("taken from underspends", "", plus(taken))}, used=used)
