"""Share basis `claims` in cells: who is met in full, and equal parts of what is left for the others.

The amount may have a fraction of a penny, as a group's part has; so have the parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from allocation.bases.claims import Claims
from allocation.basis import Basis
from allocation.groups import in_order
from exports.scenario.exact import SNAP, Part
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus


def parts(basis: Basis, at: Sharing) -> Mapping[str, Part]:
    terms = cast("Claims", basis)
    claims: dict[str, Term] = {name: at.own("claims", name)
                               for name in in_order((p for p in terms.claims if at.facts.may_share(p)), at.facts)}
    whole = at.line("all claims together", "", plus(list(claims.values())))
    at.bench.book.checks.append(("Shares", f"{at.what}: there is no more to divide than is claimed",
                                 f"=MAX({at.amount.whole}-{whole},0)"))
    if terms.rule == "proportional":
        return {name: at.bench.exact.times(f"{at.what}: its part", name, at.amount, claim, whole)
                for name, claim in claims.items()}
    if terms.rule == "cea":
        return _equal(at, claims, at.amount, "awards")
    if terms.rule == "cel":
        losses = _equal(at, claims, _less(at, whole, at.amount, "losses in all"), "losses")
        return {name: Part(f"({claims[name]}-{loss.whole})", f"(-{loss.rest})") for name, loss in losses.items()}
    return _talmud(at, claims, whole)


def _less(at: Sharing, whole: Term, part: Part, what: str) -> Part:
    """A whole number less an exact part, as whole pence and a fraction that is not negative."""
    rest = 0 if part.rest == 0 else f"-{part.rest}"
    return at.bench.exact.times(f"{at.what}: {what}", "", Part(f"{whole}-{part.whole}", rest), 1, 1)


def _equal(at: Sharing, claims: Mapping[str, Term], estate: Part, what: str) -> dict[str, Part]:
    """Equal parts of an amount, nobody's above its claim."""
    met = {name: at.line(f"{what}: met in full", name,
                         f"IF({'+'.join(f'MIN({other},{claim})' for other in claims.values())}<={estate.whole},1,0)",
                         "1: if all had at most this claim, there would be enough") for name, claim in claims.items()}
    others = at.line(f"{what}: how many are not met in full", "", f"MAX({len(met)}-({plus(list(met.values()))}),1)")
    taken = "+".join(f"{met[name]}*{claim}" for name, claim in claims.items())
    left = at.line(f"{what}: left for these, together", "", f"MAX({estate.whole}-({taken}),0)")
    part = at.bench.exact.times(f"{at.what}: {what}, the part of each of these", "", Part(left, estate.rest), 1, others)
    return {name: Part(f"IF({met[name]}=1,{claim},{part.whole})", f"IF({met[name]}=1,0,{part.rest})")
            for name, claim in claims.items()}


def _talmud(at: Sharing, claims: Mapping[str, Term], whole: Ref) -> dict[str, Part]:
    """Equal awards to half of each claim, then equal losses; in doubled amounts, so that halves of claims are whole."""
    exact = at.bench.exact
    double = exact.times(f"{at.what}: doubled", "", at.amount, 2, 1)
    less = at.line("at most half of all claims", "", f"IF({double.whole}-{whole}+{double.rest}<={SNAP},1,0)",
                   "1: awards, 0: losses")
    lost = _less(at, f"2*{whole}", double, "losses in all, doubled")
    estate = Part(at.line("halves, doubled: to be divided", "", f"IF({less}=1,{double.whole},{lost.whole})"),
                  f"IF({less}=1,{double.rest},{lost.rest})")
    found: dict[str, Part] = {}
    for name, part in _equal(at, claims, estate, "halves, doubled").items():
        half = exact.times(f"{at.what}: half", name, part, 1, 2)
        found[name] = Part(f"IF({less}=1,{half.whole},{claims[name]}-{half.whole})",
                           f"IF({less}=1,{half.rest},-{half.rest})")
    return found
