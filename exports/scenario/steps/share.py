"""Step `share` in cells: by the basis, within caps; what is over a cap goes where the agreement says."""

from __future__ import annotations

from typing import cast

from allocation.steps.absorb import Bearer
from allocation.steps.share import Share
from exports.scenario.capped import capped
from exports.scenario.given import Offered, Took
from exports.scenario.model import Ref, Term, plus


def take(at: Offered) -> Took:
    terms = cast("Share", at.step)
    if not terms.caps:
        return Took(at.shared("shared", at.amount, "share", terms.share))
    room = {p: _room(at, p, cap) for p, cap in terms.caps.items()}
    if terms.excess == "others":
        return Took(dict(capped(at, at.amount, at.shares("share", terms.share), room)))
    parts = at.shared("shared", at.amount, "share", terms.share)
    kept: dict[str, Term] = {p: part if p not in room else at.line(
        "bears up to its cap", p, f"MIN({part},{room[p]})") for p, part in parts.items()}
    excess = at.line("over the caps", "", f"{plus(list(parts.values()))}-({plus(list(kept.values()))})")
    if isinstance(terms.excess, Bearer):
        to = terms.excess.partner
        kept[to] = at.line("bears with what is over others' caps", to, f"{kept.get(to, 0)}+{excess}")
        return Took(kept)
    return Took(kept, {"contested": excess})


def _room(at: Offered, partner: str, cap: object) -> Ref:
    limit = cap if isinstance(cap, int) else cast("Share", at.step).caps[partner].percent
    amount = at.bench.limit(f"{at.path}.caps.{partner}", limit, at.contributions.get(partner, 0))
    return at.line("cap", partner, f"MAX({amount}-{at.borne.get(partner, 0)},0)", "less what it bore before")
