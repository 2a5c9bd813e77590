"""An agreement file as values: the keys that AGREEMENTS §2 fixes, their types and defaults, and nothing else.

Amounts are whole minor units, shares exact fractions. What the keys must mean to each other is in `checks`; how a file
is read, and faults are placed on their lines, in `reading`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from allocation.bases import AnyBasis
from allocation.costs import AnyCost
from allocation.distribution import Distribution
from allocation.groups import Group
from allocation.outcome import Outcome
from allocation.steps import AnyStep
from allocation.terms import Amount, Number, PositiveAmount, Terms, carry
from commissioning.agreement.refusals import YearStartWrong
from commissioning.refusals.files import DateUnreadable
from commissioning.refusals.names import IdMalformed, IdReserved
from contributions.model import Line
from ledger.calendar import Calendar

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def _id(text: str) -> str:
    if text == "for":
        raise carry(IdReserved(id=text))
    if not ID.fullmatch(text):
        raise carry(IdMalformed(id=text))
    return text


def _date(value: Any) -> dt.date:
    try:
        if not isinstance(value, dt.date) and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
            raise ValueError
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise carry(DateUnreadable(text=str(value))) from None


def _year_start(text: str) -> str:
    found = re.fullmatch(r"(\d\d)-(\d\d)", text)
    if not found or not 1 <= int(found[1]) <= 12 or not 1 <= int(found[2]) <= 28:
        raise carry(YearStartWrong(text=text))
    return text


Id = Annotated[str, AfterValidator(_id)]
Date = Annotated[dt.date, BeforeValidator(_date)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]  # one that postings carry


class FourEyes(Terms):
    """What waits for a second person: every close, reopening, reversal and version, and entries above an amount."""

    entries_above: PositiveAmount


class Partnership(Terms):
    id: Id
    name: Words
    currency: str
    year_starts: Annotated[str, AfterValidator(_year_start)] = "01-01"
    periods: Literal["quarter", "month"] = "quarter"
    settle: Literal["year_end", "period"] = "year_end"
    four_eyes: FourEyes | None = None

    @property
    def calendar(self) -> Calendar:
        month, day = self.year_starts.split("-")
        return Calendar(int(month), int(day), 4 if self.periods == "quarter" else 12)


class Partner(Terms):
    name: Words = ""
    kind: Words = ""


class GroupTerms(Terms):
    """Several bodies that count as one party in a share."""

    members: tuple[str, ...]
    shares: AnyBasis | None = None


class Reserve(Terms):
    """A reserve lies in a fund; `opening` by partner of origin, counted once, on the agreement's first day."""

    fund: str
    opening: Mapping[str, PositiveAmount] = {}
    name: Words = ""


class Fund(Terms):
    kind: Literal["pooled", "aligned", "set_aside", "single", "in_kind"] = "pooled"
    host: str = ""
    name: Words = ""
    balance: Literal["hold", "share"] | None = None
    planned_reserve: Mapping[str, PositiveAmount] = {}

    @property
    def pooled(self) -> bool:
        return self.kind == "pooled"


class DatedAmount(Terms):
    date: Date
    amount: PositiveAmount


class Contribution(Terms):
    """A contribution line; `total` with a basis stands for one line per partner."""

    fund: str
    partner: str = ""
    source: Word = "contribution"
    kind: Literal["cash", "in_kind", "user_charge", "grant"] = "cash"
    amount: PositiveAmount | None = None
    total: PositiveAmount | None = None
    by: AnyBasis | None = None
    instalments: Literal["annual", "quarterly", "monthly"] | tuple[DatedAmount, ...] = "annual"
    services: tuple[str, ...] = ()
    starts: Date | None = Field(None, alias="from")
    until: Date | None = None
    prorate: Literal["none", "days", "months"] = "none"
    part_year_months: Annotated[int, Field(ge=0, le=12)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _basis_beside(cls, value: Any) -> Any:
        """`by: fixed, percent: {…}` beside the line's own keys says the same as `by: {by: fixed, percent: {…}}`."""
        if not isinstance(value, Mapping) or not isinstance(value.get("by"), str):
            return value
        own = {name for field, info in cls.model_fields.items() for name in (field, info.alias)}
        basis = {key: one for key, one in value.items() if key not in own}
        return {**{key: one for key, one in value.items() if key in own}, "by": {"by": value["by"], **basis}}

    def line(self, partner: str, amount: int) -> Line:
        """The line as `contributions` reckons with it."""
        named = isinstance(self.instalments, str)
        return Line(self.fund, partner, self.source, self.kind, amount,
                    instalments=str(self.instalments) if named else "dated",
                    dated=tuple((i.date, i.amount) for i in self.instalments if not isinstance(i, str)),
                    services=self.services, starts=self.starts, ends=self.until, prorate=self.prorate,
                    part_year_months=self.part_year_months)


class Service(Terms):
    fund: str
    name: Words = ""
    lead: str = ""
    provider: Words = ""
    budget: PositiveAmount = 0  # required but where the cost itself is shared
    unit: Words = ""
    planned_units: Number | None = None
    profile: Literal["even"] | tuple[Amount, ...] = "even"
    line: Literal["shared", "own", "host_bears"] | None = None
    phase: Literal["design", "execution", "expansion", "consolidation"] | None = None


class AppliesTo(Terms):
    fund: str | None = None
    services: tuple[str, ...] = ()


class Rule(Terms):
    id: Id
    reference: Words = ""
    applies_to: AppliesTo
    overspend: tuple[AnyStep, ...] = ()
    underspend: tuple[AnyStep, ...] = ()
    cost: AnyCost | None = None

    def steps(self, side: str) -> tuple[AnyStep, ...]:
        return self.overspend if side == "overspend" else self.underspend


class Direction(Terms):
    service: str
    reference: Words = ""


class Leaver(Terms):
    """A partner that has left when the version takes effect: its part of the reserves is paid out or left behind."""

    reserves: Literal["paid_out", "left"]


class Joiner(Terms):
    """A partner that joins when the version takes effect, and what it puts into reserves then."""

    reserves: Mapping[str, PositiveAmount] = {}


class Version(Terms):
    """One dated version: what was agreed, and when it takes effect. `signed` null: a draft."""

    id: Id
    reference: Words = ""
    effective: Date
    until: Date | None = None
    signed: Date | None = None
    funds: Mapping[Id, Fund]
    contributions: tuple[Contribution, ...] = ()
    services: Mapping[Id, Service] = {}
    directions: tuple[Direction, ...] = ()
    rules: tuple[Rule, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    leavers: Mapping[str, Leaver] = {}
    joiners: Mapping[str, Joiner] = {}

    @property
    def status(self) -> str:
        if self.signed is None:
            return "draft"
        return "retrospective" if self.signed > self.effective else "signed"

    def line_of(self, service: str) -> str:
        """Whose variance the service's is: shared, own or host_bears; `own` where the fund is not pooled."""
        terms = self.services[service]
        return terms.line or ("shared" if self.funds[terms.fund].pooled else "own")

    def lead_of(self, service: str) -> str:
        """Who keeps an `own` line: its lead; where nothing is pooled, else the only contributor or the host."""
        terms = self.services[service]
        if self.funds[terms.fund].pooled:
            return terms.lead
        givers = {line.partner for line in self.contributions if line.fund == terms.fund}
        return terms.lead or (givers.pop() if len(givers) == 1 else self.funds[terms.fund].host)


class Agreement(Terms):
    """A whole agreement file."""

    poolbook: Literal["1"]
    partnership: Partnership
    partners: Mapping[Id, Partner]
    groups: Mapping[Id, GroupTerms] = {}
    reserves: Mapping[Id, Reserve] = {}
    accounts: tuple[Words, ...] = ()  # those that the finance officer adds to the ones that Poolbook opens
    agreements: tuple[Version, ...]

    @property
    def currency(self) -> str:
        return self.partnership.currency

    @property
    def calendar(self) -> Calendar:
        return self.partnership.calendar

    @cached_property
    def parties(self) -> Mapping[str, Group]:
        """The groups as share bases see them."""
        return {name: Group(terms.members, terms.shares) for name, terms in self.groups.items()}

    def partner_name(self, partner: str) -> str:
        return self.partners[partner].name or partner

    def versions(self) -> list[Version]:
        """The versions in the order in which they take effect."""
        return sorted(self.agreements, key=lambda v: v.effective)

    def version_on(self, date: dt.date) -> Version | None:
        """The version in force on a day, or None before the first and after the last's end."""
        begun = [v for v in self.versions() if v.effective <= date]
        return begun[-1] if begun and (begun[-1].until is None or date <= begun[-1].until) else None


