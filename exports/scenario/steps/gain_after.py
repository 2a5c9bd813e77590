"""Step `gain_after` in cells: the others first, by their contributions up to their limits, then the named partner."""

from __future__ import annotations

from typing import cast

from allocation.steps.gain_after import GainAfter
from exports.scenario.capped import capped
from exports.scenario.given import Offered, Took
from exports.scenario.model import Term, plus
from exports.scenario.split import Weight, Weights


def take(at: Offered) -> Took:
    terms = cast("GainAfter", at.step).gain_after
    others = [p for p in at.facts.taking_part if p != terms.partner and p in at.contributions]
    room: dict[str, Term] = {}
    for p in others:
        given = at.contributions[p]
        limit = terms.others if isinstance(terms.others, int) else terms.others.percent
        wanted = at.bench.limit(f"{at.path}.others", limit, given)
        gained = f"{at.so_far.get(p, 0)}+{at.borne.get(p, 0)}"
        room[p] = at.line("may still gain", p, f"IF({given}>0,MAX({wanted}-({gained}),0),0)")
    if not others:
        return Took({terms.partner: at.amount})
    first = at.line("the others gain", "", f"MIN({at.amount},{plus(list(room.values()))})")
    gains = capped(at, first, Weights(tuple(Weight(p, at.contributions[p]) for p in others)), room)
    left = at.line("gains what is left", terms.partner, f"{at.amount}-({plus(list(gains.values()))})")
    return Took({p: left if p == terms.partner else gains[p] for p in at.facts.partners
                 if p in gains or p == terms.partner})
