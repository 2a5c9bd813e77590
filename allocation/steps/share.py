"""Step `share`: partners bear it (or get it) by a share basis, each no further than its cap."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from allocation.bases import AnyBasis
from allocation.basis import Basis
from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step, contribution_limits
from allocation.steps.absorb import Bearer
from allocation.terms import Limit, PositiveAmount, carry
from ledger.errors import PoolbookError
from ledger.money import grouped, largest_remainder, split


class ExcessUnknown(PoolbookError):
    code = "excess-unknown"
    what = "{text!r} does not say where goes what is over a cap"
    remedy = "write others, dispute, or {{partner: {partner}}}"


def _excess(value: Any) -> Any:
    if isinstance(value, str) and value not in ("others", "dispute"):
        raise carry(ExcessUnknown(text=value, partner=value or "p"))
    return value


_FACTS = Facts(("a", "b", "c"), ("a", "b", "c"), {"a": 500_00, "b": 300_00, "c": 200_00})


class Share(Step):
    name = "share"
    words = ("Shared among the partners by a basis. `caps` limit what each bears in the year (an amount, or a "
             "percentage of its own contribution); what is over a cap goes to the uncapped others in proportion, to "
             "a named partner, or to dispute. `until_variance` makes it a tier.")
    formula = "take · w_i, largest remainder; i at its cap k_i bears k_i and the others share the rest by their w"
    source = "AGREEMENTS 2.2"
    examples = (
        Example({"share": {"by": "contribution"}}, Situation("overspend", 100_00, 100_00, _FACTS),
                {"partners": {"a": 50_00, "b": 30_00, "c": 20_00}}),
        Example({"share": {"by": "contribution"}, "caps": {"a": "40"}}, Situation("overspend", 100_00, 100_00, _FACTS),
                {"partners": {"a": 40_00, "b": 36_00, "c": 24_00}}, "a's excess of 10.00 goes to b and c as 3 to 2"),
        Example({"share": {"by": "contribution"}, "caps": {"a": "8%", "b": "8%", "c": "8%"}},
                Situation("overspend", 100_00, 100_00, _FACTS), {"partners": {"a": 40_00, "b": 24_00, "c": 16_00}},
                "all are capped: 20.00 passes on to the next step"),
        Example({"share": {"by": "equal"}, "caps": {"a": "10"}, "excess": "dispute"},
                Situation("overspend", 90_00, 90_00, _FACTS),
                {"partners": {"a": 10_00, "b": 30_00, "c": 30_00}, "columns": {"contested": 20_00}}),
        Example({"share": {"by": "equal"}, "caps": {"a": "10", "b": "0"}, "excess": {"partner": "b"}},
                Situation("overspend", 90_00, 90_00, _FACTS), {"partners": {"a": 10_00, "b": 50_00, "c": 30_00}},
                "a named partner's own cap does not stop it"),
    )

    share: AnyBasis
    caps: Mapping[str, Limit] = {}
    excess: Annotated[Literal["others", "dispute"] | Bearer, BeforeValidator(_excess)] = "others"
    until_variance: PositiveAmount | None = None

    def basis(self) -> Basis:
        return self.share

    def until(self) -> int | None:
        return self.until_variance

    def partners_named(self) -> set[str]:
        named = {self.excess.partner} if isinstance(self.excess, Bearer) else set()
        return {*self.share.partners_named(), *self.caps, *named}

    def take(self, situation: Situation) -> Taken:
        facts = situation.facts
        if situation.offered == 0:
            return Taken("nothing is left to share")
        shares = dict(self.share.shares(facts))
        room = {p: max(cap - situation.borne.get(p, 0), 0) for p, cap in contribution_limits(self.caps, facts).items()}
        because = f"shared {self.share.title()}: {self.share.explain(facts)}"
        if not room:
            return Taken(because, partners=_named(shares, split(situation.offered, list(shares.values()))))
        said = ", ".join(f"{p} {grouped(cap, facts.currency)}" for p, cap in room.items())
        because = f"{because}. Capped at: {said}"
        if self.excess == "others":
            return Taken(f"{because}; what is over a cap goes to the others in proportion",
                         partners=capped(situation.offered, shares, room))
        parts = _named(shares, split(situation.offered, list(shares.values())))
        over = {p: max(part - room[p], 0) if p in room else 0 for p, part in parts.items()}
        kept = {p: part - over[p] for p, part in parts.items()}
        excess = sum(over.values())
        if self.excess == "dispute":
            return Taken(f"{because}; what is over a cap is contested", partners=kept, columns={"contested": excess})
        to = self.excess.partner
        kept[to] = kept.get(to, 0) + excess
        return Taken(f"{because}; what is over a cap goes to {to}", partners=kept)


def _named(shares: Mapping[str, Fraction], parts: list[int]) -> dict[str, int]:
    return dict(zip(shares, parts, strict=True))


def capped(amount: int, shares: Mapping[str, Fraction], caps: Mapping[str, int]) -> dict[str, int]:
    """`amount` by `shares`, none over its cap; the excess goes to the others in proportion, until none is over.

    Where every partner with a share is at its cap, less than `amount` is taken.
    """
    at_cap: dict[str, int] = {}
    while True:
        free = {p: w for p, w in shares.items() if w > 0 and p not in at_cap}
        rest = amount - sum(at_cap.values())
        whole = sum(free.values(), Fraction(0))
        if not free:
            break
        over = [p for p, w in free.items() if p in caps and rest * w / whole > caps[p]]
        if not over:
            break
        at_cap.update({p: caps[p] for p in over})
    parts = largest_remainder([rest * w / whole for w in free.values()]) if free else []
    taken = {**at_cap, **dict(zip(free, parts, strict=True))}
    assert all(taken[p] <= cap for p, cap in caps.items() if p in taken), "no partner is over its cap"
    return {p: taken[p] for p in shares if p in taken}


