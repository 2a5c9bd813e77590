"""Share basis `claims` in cells: who is met in full, what is left for the others alike, times how many these are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from allocation.bases.claims import Claims
from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term, plus
from exports.scenario.split import LARGE


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms = cast("Claims", basis)
    claims: dict[str, Term] = {name: at.own("claims", name) for name in terms.claims if at.facts.may_share(name)}
    whole, amount = at.line("all claims together", "", plus(list(claims.values()))), str(at.amount)
    at.bench.book.checks.append(("Shares", f"{at.what}: there is no more to divide than is claimed",
                                 f"=MAX({amount}-{whole},0)"))
    if terms.rule == "proportional":
        return list(claims.items()), LARGE
    if terms.rule == "cea":
        return _equal(at, claims, amount, "awards"), LARGE * len(claims) * 2
    if terms.rule == "cel":
        losses, met = _losses(at, claims, f"{whole}-{amount}")
        return [(name, at.line("claim less loss", name, f"{claims[name]}*{met}-{loss}"))
                for name, loss in losses.items()], LARGE * len(claims) * 2
    return _talmud(at, claims, str(whole), amount), LARGE * len(claims) * 4


def _equal(at: Sharing, claims: Mapping[str, Term], amount: str, what: str) -> list[tuple[str, Term]]:
    """Equal awards, nobody above its claim, times how many are not met in full (one, where all are)."""
    weights, _ = _met(at, claims, amount, what)
    return list(weights.items())


def _losses(at: Sharing, claims: Mapping[str, Term], amount: str) -> tuple[dict[str, Term], Term]:
    return _met(at, claims, amount, "losses")


def _met(at: Sharing, claims: Mapping[str, Term], amount: str, what: str) -> tuple[dict[str, Term], Term]:
    """Equal parts of an amount within claims, times a number, and that number."""
    estate = at.line(f"{what}: to be divided", "", f"MAX({amount},0)")
    met = {name: at.line(f"{what}: met in full", name,
                         f"IF({'+'.join(f'MIN({other},{claim})' for other in claims.values())}<={estate},1,0)",
                         "1: if all had at most this claim, there would be enough") for name, claim in claims.items()}
    others = at.line(f"{what}: how many are not met in full", "", f"MAX({len(met)}-({plus(list(met.values()))}),1)")
    taken = "+".join(f"{met[name]}*{claim}" for name, claim in claims.items())
    left = at.line(f"{what}: left for these, together", "", f"{estate}-({taken})")
    return {name: at.line(f"{what}: part × how many", name, f"IF({met[name]}=1,{claim}*{others},{left})")
            for name, claim in claims.items()}, others


def _talmud(at: Sharing, claims: Mapping[str, Term], whole: str, amount: str) -> list[tuple[str, Term]]:
    """Equal awards to half of each claim, then equal losses; in doubled amounts, so that halves are whole."""
    less = at.line("at most half of all claims", "", f"IF(2*({amount})<={whole},1,0)", "1: awards, 0: losses")
    parts, met = _met(at, claims, f"IF({less}=1,2*({amount}),2*({whole}-({amount})))", "halves, doubled")
    return [(name, at.line("award, doubled", name, f"IF({less}=1,{part},2*{claims[name]}*{met}-{part})"))
            for name, part in parts.items()]
