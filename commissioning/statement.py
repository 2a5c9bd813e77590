"""The statement as values: what `poolbook.statement/1` says, before it is written as JSON, workbook, PDF or page.

Amounts are whole minor units, year to date; `variance` > 0 is an overspend; `settlement` > 0: the partner owes the
pool. Mappings keep the order of the agreement file. The JSON form and its names are in `exports.statement`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

COLUMNS = ("reserves", "offset", "recovered", "carried_forward", "contested", "unallocated")
"""What no partner bears of a service's variance, in the order in which ties between columns are broken."""

PLAN_CHANGES = ("virement", "carried_forward", "version")


@dataclass(frozen=True, slots=True)
class AgreementLine:
    id: str
    reference: str
    status: str  # signed | draft | retrospective
    effective: dt.date


@dataclass(frozen=True, slots=True)
class Totals:
    budget: int
    annual_budget: int
    actual: int
    variance: int
    forecast: int
    committed: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What a fund's contributions are short of its budgets to date; partners and columns sum to the amount."""

    amount: int
    partners: Mapping[str, int]
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FundLine:
    """A fund's bank: opening + received - paid = closing. `uncommitted`: what the plan leaves unbudgeted."""

    id: str
    kind: str
    host: str
    opening: int
    received: int
    paid: int
    uncommitted: int
    closing: int
    gap: Gap | None = None  # where contributions are short of budgets and the agreement shares that


@dataclass(frozen=True, slots=True)
class Part:
    """A partner's part of one service: actual = budget + variance."""

    budget: int
    actual: int
    variance: int


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service; the partners' actual parts and the columns below sum to its actual."""

    id: str
    name: str
    fund: str
    budget: int
    annual_budget: int
    actual: int
    variance: int
    forecast: int
    committed: int
    partners: Mapping[str, Part]
    reserves: int = 0
    offset: int = 0
    recovered: int = 0
    carried_forward: int = 0
    contested: int = 0
    unallocated: int = 0


@dataclass(frozen=True, slots=True)
class PartnerLine:
    id: str
    name: str
    contribution_due: int
    contribution_paid: int
    outstanding: int
    share_of_budget: int
    share_of_actual: int
    share_of_variance: int
    forecast_share: int
    liability: int  # printed as "Amount due under the agreement"
    settlement: int
    due_now: int
    brought_forward: int
    settled: int
    contribution_agreed: int | None = None  # for the year; None in statements that were issued without it


@dataclass(frozen=True, slots=True)
class ReserveLine:
    """A reserve by partner of origin: opening - drawn + added = closing = the sum of `by_partner`."""

    id: str
    opening: int
    drawn: int
    added: int
    closing: int
    by_partner: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClaimLine:
    case: str
    claimed: int
    recognised: int
    drawn: int
    contested: int


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    id: str
    service: str
    measured: str
    baseline: str
    value: int
    gains: Mapping[str, int]
    paid: Mapping[str, int] = field(default_factory=dict)  # each partner's part of the service's actual cost
    indicator: str = ""
    expected: int | None = None  # what the target would be worth to date; None where none is set


@dataclass(frozen=True, slots=True)
class RepaymentLine:
    """What a fund owes back to a partner that covered an overspend: opening + added - due = closing."""

    fund: str
    partner: str
    opening: int
    added: int
    due: int
    closing: int


@dataclass(frozen=True, slots=True)
class Note:
    """What the pool manager tells the board: an explanation, an action with its owner's role and day, a decision."""

    kind: str  # explanation | action | decision
    date: dt.date
    service: str
    text: str
    owner: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """For whom this is an extract. The seal follows from the whole document, which others have not seen: without it the
    digest by which the chain covers the extract would let them test a guess of its figures."""

    partner: str
    seal: str


@dataclass(frozen=True, slots=True)
class Previous:
    """What the statement of the period before expected of the year: each service's cost, each partner's share."""

    period: str
    issue: int
    forecasts: Mapping[str, int]
    forecast_shares: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What moved the year's plan: a virement, what last year left to a service, or another version of the agreement."""

    kind: str  # one of PLAN_CHANGES
    date: dt.date
    service: str
    amount: int  # of a version 0: what it plans stands in the services' annual budgets
    reference: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class EarlierForecast:
    """What the latest statement of an earlier period of the year expected of the whole year."""

    period: str
    issue: int
    annual_budget: int
    forecast: int


@dataclass(frozen=True, slots=True)
class WorkingLine:
    """One step of the calculation: what came in, what each took, what went on, and why, in words."""

    rule: str
    reference: str
    step: str
    amount_in: int
    out: Mapping[str, int]
    remaining: int
    because: str


@dataclass(frozen=True, slots=True)
class Check:
    check: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Statement:
    partnership: str
    name: str
    currency: str
    period: str
    starts: dt.date
    ends: dt.date
    indicative: bool
    issue: int
    agreements: tuple[AgreementLine, ...]
    known_at: dt.datetime
    entries: int
    head: str
    totals: Totals
    funds: tuple[FundLine, ...]
    services: tuple[ServiceLine, ...]
    partners: tuple[PartnerLine, ...]
    reserves: tuple[ReserveLine, ...]
    distributions: Mapping[str, Mapping[str, int]]
    claims: tuple[ClaimLine, ...]
    outcomes: tuple[OutcomeLine, ...]
    unallocated: int
    contested: int
    working: tuple[WorkingLine, ...]
    checks: tuple[Check, ...]
    repayments: tuple[RepaymentLine, ...] = ()
    notes: tuple[Note, ...] = ()
    previous: Previous | None = None
    plan_changes: tuple[PlanChange, ...] = ()
    earlier_forecasts: tuple[EarlierForecast, ...] = ()
    extract: Extract | None = None

    def signed_as(self, status: str) -> list[str]:
        """The agreements in force of one standing (`draft`, `retrospective`), as people call them."""
        return [line.reference or line.id for line in self.agreements if line.status == status]
