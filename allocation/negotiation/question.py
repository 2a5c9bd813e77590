"""What partners negotiate about: a pot or a cost, who is at the table, and every figure that a method may rest on."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from pydantic import ValidationInfo, field_validator, model_validator

from allocation.bases.shapley import Coalition, coalitions, complete
from allocation.discovery import near
from allocation.terms import Number, PositiveAmount, Terms, TermsWrong, carry
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.money import grouped

TABLES = ("weights", "claims", "baseline")


class PartyUnknown(PoolbookError):
    code = "party-unknown"
    what = "{table} names {name!r}, who is not one of the parties to this division"
    remedy = "write one of: {known}; or add it to `parties`{hint}"


class PartyMissing(PoolbookError):
    code = "party-missing"
    what = "{table} says nothing of {name}"
    remedy = "give every party its figure, 0 where it has none; or leave {table} out altogether"


class TogetherDiffers(PoolbookError):
    code = "together-differs"
    what = "`alone` states {stated} for all parties together, and {amount} is to be divided"
    remedy = "state the same figure in both places, or leave the coalition of all out of `alone`"


class Question(Terms):
    """A pot that parties share out, or a cost that they bear. Amounts in minor units.

    `weights`: sizes to which a share may be proportional (population, need). `claims`: the most that each party asks
    for of a pot, or could be asked for of a cost. `alone`: for every coalition («a», «a+b»), the cost that it would
    have by itself, or what of a pot it could secure by itself; all together may be left out. `baseline`: what each
    has or bears now. Every table that is stated covers every party.
    """

    pot: PositiveAmount | None = None
    cost: PositiveAmount | None = None
    parties: tuple[str, ...]
    weights: Mapping[str, Number] = {}
    claims: Mapping[str, PositiveAmount] = {}
    alone: Mapping[str, PositiveAmount] = {}
    baseline: Mapping[str, PositiveAmount] = {}

    @field_validator("parties")
    @classmethod
    def _different(cls, parties: tuple[str, ...]) -> tuple[str, ...]:
        if not parties or len(set(parties)) < len(parties):
            fault = Said("a party stands in the list twice") if parties else Said("there are no parties")
            raise carry(TermsWrong(fault=fault, mend=Said("list under `parties` everybody who shares, each once")))
        return parties

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Question:
        if (self.pot is None) == (self.cost is None):
            raise carry(TermsWrong(fault=Said("it must be said what is divided, once"),
                                   mend=Said("write either `pot` or `cost`")))
        for table in TABLES:
            self._covers(table, getattr(self, table))
        if self.alone:
            try:
                stated = coalitions({key: Fraction(value) for key, value in self.alone.items()})
                self._covers("alone", {name: 0 for coalition in stated for name in coalition})
                complete({frozenset(self.parties): Fraction(self.amount), **stated})
            except PoolbookError as fault:
                raise carry(fault) from None
            together = stated.get(frozenset(self.parties), self.amount)
            if together != self.amount:
                currency = (info.context or {}).get("currency", "GBP")
                raise carry(TogetherDiffers(stated=grouped(int(together), currency),
                                            amount=grouped(self.amount, currency)))
        return self

    def _covers(self, table: str, figures: Mapping[str, object]) -> None:
        for name in figures:
            if name not in self.parties:
                raise carry(PartyUnknown(table=table, name=name, known=", ".join(self.parties),
                                         hint=near(name, self.parties)))
        for name in self.parties if figures else ():
            if name not in figures:
                raise carry(PartyMissing(table=table, name=name))

    @property
    def amount(self) -> int:
        """What is divided."""
        return (self.pot or 0) if self.cost is None else self.cost

    @property
    def bears(self) -> bool:
        """Whether parties bear a cost, rather than share a pot."""
        return self.cost is not None

    def coalitions(self) -> dict[Coalition, Fraction]:
        """What every coalition would bear or have by itself, all together included."""
        assert self.alone, "asked only where it is stated"
        stated = coalitions({key: Fraction(value) for key, value in self.alone.items()})
        return {frozenset(self.parties): Fraction(self.amount), **stated}

    def sizes(self) -> Mapping[str, Fraction | int]:
        """What «in proportion» refers to: weights; else claims; else what each would bear or have alone; or nothing."""
        if self.weights or self.claims:
            return self.weights or self.claims
        return {p: self.coalitions()[frozenset([p])] for p in self.parties} if self.alone else {}

    def with_amount(self, amount: int) -> Question:
        """The same question about another amount."""
        alone = {key: value for key, value in self.alone.items() if key.count("+") < len(self.parties) - 1}
        return self.model_copy(update={"cost" if self.bears else "pot": amount, "alone": alone})
