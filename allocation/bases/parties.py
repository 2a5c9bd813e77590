"""Share basis `parties`: first among parties, then, where a party is a group, among its members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator, model_validator

from allocation.bases.weight import Weight
from allocation.basis import Basis
from allocation.discovery import near
from allocation.errors import SharesNot100
from allocation.groups import Group, GroupUnknown, check_within
from allocation.model import Example, Facts
from allocation.terms import Number, Terms, carry, number_text
from ledger.errors import PoolbookError
from ledger.language import Said

if TYPE_CHECKING:
    from allocation.bases import AnyBasis

_ALL = ("region", "ash", "birch")
_TOWNS = Group(("ash", "birch"), Weight(values={"ash": Fraction(3), "birch": Fraction(1)}))
_FACTS = Facts(_ALL, _ALL, groups={"towns": _TOWNS})


class PartyUnclear(PoolbookError):
    code = "party-unclear"
    what = "a party is either a partner or a group, and only a group has `within`"
    remedy = "write {{partner: p, percent: n}} or {{group: g, percent: n, within: {{by: …}}}}"


class PartyTwice(PoolbookError):
    code = "party-twice"
    what = "{name} is a party twice"
    remedy = "state each party once, with its whole percentage"


class Party(Terms):
    """One party: a partner, or a group with what divides its part (else the group's own shares do)."""

    partner: str = ""
    group: str = ""
    percent: Number
    within: AnyBasis | None = None

    @property
    def named(self) -> str:
        return self.partner or self.group

    @model_validator(mode="after")
    def _one(self) -> Party:
        if bool(self.partner) == bool(self.group) or (self.partner and self.within):
            raise carry(PartyUnclear())
        return self


class Parties(Basis):
    name = "parties"
    words = ("First among parties, by percentages that total exactly 100. A party is a partner or a group; a group's "
             "part is divided among its members by `within`, or else by the group's own `shares`.")
    formula = "w_i = percent_g / 100 · w_i within g"
    source = "AGREEMENTS 2.1; several municipalities that count as one party beside a region"
    examples = (
        Example({"by": "parties", "parties": [{"partner": "region", "percent": "60"},
                                              {"group": "towns", "percent": "40"}]}, _FACTS,
                {"region": Fraction(3, 5), "ash": Fraction(3, 10), "birch": Fraction(1, 10)},
                "the towns' 40 percent are divided 3 to 1, as the group says"),
        Example({"by": "parties", "parties": [{"partner": "region", "percent": "60"},
                                              {"group": "towns", "percent": "40", "within": {"by": "equal"}}]}, _FACTS,
                {"region": Fraction(3, 5), "ash": Fraction(1, 5), "birch": Fraction(1, 5)},
                "`within` goes before the group's own shares"),
    )

    by: Literal["parties"] = "parties"
    parties: tuple[Party, ...]

    @field_validator("parties")
    @classmethod
    def _total(cls, parties: tuple[Party, ...]) -> tuple[Party, ...]:
        total, names = sum((p.percent for p in parties), Fraction(0)), [p.named for p in parties]
        if total != 100:
            raise carry(SharesNot100(total=number_text(total)))
        for name in names:
            if names.count(name) > 1:
                raise carry(PartyTwice(name=name))
        return parties

    def sharers(self) -> tuple[str, ...]:
        return tuple(p.named for p in self.parties)

    def partners_named(self) -> set[str]:
        inside = (name for p in self.parties if p.within for name in p.within.partners_named())
        return {*(p.partner for p in self.parties if p.partner), *inside, *super().partners_named()}

    def groups_named(self) -> set[str]:
        inside = (name for p in self.parties if p.within for name in p.within.groups_named())
        return {*(p.group for p in self.parties if p.group), *inside}

    def must_take_part(self) -> set[str]:
        return {*self.sharers(), *super().must_take_part()}

    def inner(self, group: str, groups: Mapping[str, Group]) -> Basis:
        for party in self.parties:
            if party.group == group and party.within is not None:
                return party.within
        return super().inner(group, groups)

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        return {p.named: p.percent for p in self.parties}

    def check(self, taking_part: Collection[str] = (),
              groups: Mapping[str, Group] | None = None) -> list[PoolbookError]:
        groups = groups or {}
        unknown = [p.group for p in self.parties if p.group and p.group not in groups]
        if unknown:
            known = ", ".join(groups) or Said("(none)")
            return [GroupUnknown(name=name, known=known, hint=near(name, groups)) for name in unknown]
        inside = [fault for p in self.parties if p.within
                  for fault in check_within(p.within, p.group, groups)]
        return [*super().check(taking_part, groups), *inside]

    def title(self) -> str:
        return "among parties by the percentages of the agreement"
