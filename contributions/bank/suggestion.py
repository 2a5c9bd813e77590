"""What may be said of a bank line: what was expected, what is in the books, and why the two are thought to be one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from contributions.bank.model import BankLine
from contributions.bank.words import refers_to
from ledger.language import N_

CERTAIN, LIKELY, POSSIBLE = STRENGTHS = (N_("certain"), N_("likely"), N_("possible"))


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that is to come in (more than zero) or to go out: what would be posted for it, and by what it is known.

    `party`: who pays or is paid, by the id under which its names are given. `due`: for an invoice, its day.
    `reference`: of the invoice that it pays, by which a line may name it.
    """

    key: str
    kind: str
    amount: int
    due: dt.date
    party: str = ""
    fund: str = ""
    partner: str = ""
    service: str = ""
    source: str = ""
    beneficiary: str = ""
    reference: str = ""

    @property
    def posts(self) -> tuple[str, ...]:
        """What an entry for it would say beside day and amount: two that say the same are as good as one another."""
        invoice = self.reference if self.kind == "payment" else ""
        return self.kind, self.fund, self.partner, self.source, self.beneficiary, invoice


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry in the books that moved the bank's money (more than zero: in).

    `undone`: by another entry. `about`: the reference of what it paid.
    """

    number: int
    kind: str
    reference: str
    date: dt.date
    amount: int
    party: str = ""
    undone: bool = False
    about: str = ""

    def named_in(self, line: BankLine) -> bool:
        """Whether a line gives its reference, or that of what it paid."""
        return refers_to(line, self.reference) or refers_to(line, self.about)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a match is suggested: a code and its facts, which `exports.bank` puts into words."""

    code: str
    referred: bool = False
    named: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Lines beside what they are. `booked`: entries that are there already; else `expected` is what would be posted.

    `undoes`: an entry that the line takes back, whether that stands beside another line or not. Lines that undo each
    other have none of these.
    """

    lines: tuple[BankLine, ...]
    strength: str
    reason: Reason
    expected: tuple[Expected, ...] = ()
    booked: tuple[Booked, ...] = ()
    undoes: Booked | None = None


@dataclass
class Found:
    """All suggestions, and what is left on each side."""

    matches: list[Match] = field(default_factory=list)
    lines: list[BankLine] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
