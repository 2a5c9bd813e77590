"""Division of an amount among claims that together are more than it: the four classical rules, exactly.

Sources: R. J. Aumann and M. Maschler, Game theoretic analysis of a bankruptcy problem from the Talmud, Journal of
Economic Theory 36 (1985); W. Thomson, Mathematical Social Sciences 45 (2003), for the names and properties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from ledger.errors import PoolbookError
from ledger.money import grouped, round_half_up

Amount = Fraction | int
ZERO = Fraction(0)


class ClaimsExceeded(PoolbookError):
    """More is to be divided than is claimed: any answer would give somebody more than its claim."""

    code = "claims-exceeded"
    what = "{amount} is to be divided among claims that total only {claims}"
    remedy = "limit the step with `up_to: {plain}` and let a later step say who takes the rest, or raise the claims"


def proportional(claims: Sequence[Amount], estate: Amount) -> list[Fraction]:
    """Everybody gets the same part of its claim: x_i = E · d_i / Σ d."""
    whole = sum(claims, ZERO)
    return [Fraction(estate) * claim / whole if whole else ZERO for claim in claims]


def equal_awards(claims: Sequence[Amount], estate: Amount) -> list[Fraction]:
    """Everybody gets the same, nobody more than its claim: x_i = min(d_i, λ). The smallest claims are met first."""
    awards, left = [ZERO] * len(claims), Fraction(estate)
    order = sorted(range(len(claims)), key=lambda i: claims[i])
    for served, i in enumerate(order):
        awards[i] = min(Fraction(claims[i]), left / (len(order) - served))
        left -= awards[i]
    return awards


def equal_losses(claims: Sequence[Amount], estate: Amount) -> list[Fraction]:
    """Everybody loses the same, nobody more than its claim: x_i = max(0, d_i − λ)."""
    losses = equal_awards(claims, sum(claims, ZERO) - estate)
    return [claim - loss for claim, loss in zip(claims, losses, strict=True)]


def talmud(claims: Sequence[Amount], estate: Amount) -> list[Fraction]:
    """Equal awards up to half of each claim; when half of all claims is met, equal losses of the other halves."""
    halves, whole = [Fraction(claim) / 2 for claim in claims], sum(claims, ZERO)
    if 2 * estate <= whole:
        return equal_awards(halves, estate)
    return [claim - loss for claim, loss in zip(claims, equal_awards(halves, whole - estate), strict=True)]


RULES: Mapping[str, Callable[[Sequence[Amount], Amount], list[Fraction]]] = {
    "proportional": proportional, "cea": equal_awards, "cel": equal_losses, "talmud": talmud}


def divide(rule: str, claims: Sequence[Amount], estate: Amount, currency: str = "GBP") -> list[Fraction]:
    """What each claim is awarded of `estate` (minor units): 0 ≤ award ≤ claim, and all of it is awarded.

    Raises `ClaimsExceeded` where the estate is more than all claims together.
    """
    assert estate >= 0, "what is divided is not negative"
    assert all(claim >= 0 for claim in claims), "claims are not negative"
    whole = sum(claims, ZERO)
    if estate > whole:
        said = grouped(round_half_up(Fraction(whole)), currency)
        raise ClaimsExceeded(amount=grouped(round_half_up(Fraction(estate)), currency), claims=said,
                             plain=said.replace(",", ""))
    awards = RULES[rule](claims, estate)
    assert sum(awards, ZERO) == estate, "the awards sum to what is divided"
    assert all(0 <= x <= d for x, d in zip(awards, claims, strict=True)), "nobody is awarded more than its claim"
    return awards
