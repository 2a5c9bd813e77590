"""What an event does in the books: the entry that each kind implies, in the accounts of AGREEMENTS §5.

Every entry balances within its fund. An event that only decides shares becomes a memorandum, which the chain covers
like any other entry. Pure: the agreement and the event in, the entry out.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from allocation.discovery import near
from commissioning.agreement.account_words import said_by
from commissioning.agreement.model import Agreement, Version
from commissioning.agreement.refusals import ServiceInOtherFund
from commissioning.books.cost_items import by_event, cost_services, lacks
from commissioning.events.model import NOTES, Event
from commissioning.events.refusals import ColumnWanted, FaultByCase, FundAmbiguous, OutcomeAmbiguous, SettlementPeriod
from commissioning.refusals.names import FundUnknown, NoVersionInForce, PartnerUnknown, ReserveUnknown, ServiceUnknown
from ledger import rules
from ledger.calendar import PeriodNameWrong
from ledger.errors import Place
from ledger.language import Said
from ledger.model import Entry, Posting, Recorded


def bank(fund: str) -> str:
    return f"assets:bank:{fund}"


def receivable(partner: str) -> str:
    return f"assets:contributions-receivable:{partner}"


def due_from(partner: str) -> str:
    return f"assets:due-from:{partner}"


def due_to(partner: str) -> str:
    return f"liabilities:due-to:{partner}"


def reserve(name: str, partner: str) -> str:
    return f"reserves:{name}:{partner}"


def carry_forward(partner: str) -> str:
    return f"reserves:carry-forward:{partner}"


def repayable(partner: str) -> str:
    return f"liabilities:repayable:{partner}"


def claims(partner: str) -> str:
    return f"assets:claims:{partner}"


def distribution(pot: str) -> str:
    return f"expenses:distribution:{pot}"


def recipient(name: str) -> str:
    return f"liabilities:recipients:{name}"


def fund_balance(fund: str) -> str:
    return f"equity:fund-balance:{fund}"


def income_from(partner: str, source: str) -> str:
    """A source of many words is cut where an account's path ends; postings carry it whole beside the account."""
    return f"income:contributions:{partner}:{slug(source)}"[:rules.LONGEST].rstrip("-.")


def risk_share(partner: str) -> str:
    return f"income:risk-share:{partner}"


def cost_share(partner: str) -> str:
    return f"income:cost-share:{partner}"


def expenses(service: str) -> str:
    return f"expenses:{service}"


CONTESTED, UNALLOCATED = "assets:contested", "assets:unallocated"
PROVIDERS, ACCRUALS = "liabilities:providers", "liabilities:accruals"


def slug(words: str) -> str:
    """A contribution's source as a segment of an account's path: «NHS minimum» is `NHS-minimum`."""
    return re.sub(r"[^\w.]+", "-", words).strip("-") or "contribution"


def accounts_of(agreement: Agreement) -> list[str]:
    """Every account that the agreement's partners, funds, services and reserves need, and those it adds itself."""
    paths = [CONTESTED, UNALLOCATED, PROVIDERS, ACCRUALS]
    for partner in agreement.partners:
        paths += [receivable(partner), due_from(partner), due_to(partner), risk_share(partner),
                  cost_share(partner), claims(partner), repayable(partner), carry_forward(partner)]
    for version in agreement.versions():
        for fund in version.funds:
            paths += [bank(fund), fund_balance(fund), f"income:other:{fund}"]
        for service in version.services:
            paths += [expenses(service), f"expenses:in-kind:{service}", f"income:user-charges:{service}"]
        for pot in version.distributions:
            paths += [distribution(pot.id), *(recipient(name) for name in pot.recipients)]
        for line in version.contributions:
            paths += [income_from(p, line.source) for p in ([line.partner] if line.partner else agreement.partners)]
    paths += [reserve(name, partner) for name in agreement.reserves for partner in agreement.partners]
    paths += agreement.accounts
    return list(dict.fromkeys(paths))


@dataclass(frozen=True, slots=True)
class Setting:
    """What an event is read against: the agreement, the version in force on its day, and the fund it belongs to."""

    agreement: Agreement
    version: Version
    fund: str


def entry_of(event: Event, agreement: Agreement) -> Entry:
    """The entry that an event implies. Raises the fault that keeps it out of the books, with its column."""
    told = event.details()
    version = _version(event, agreement)
    _check_names(event, agreement, version)
    if event.event == "adjustment":
        event = _with_words(event, agreement, version)
    for column in lacks(event, version):
        raise ColumnWanted(Place(field=column), column=column, service=event.service)
    fund = _fund(event, version) if event.event not in FUNDLESS else ""
    setting = Setting(agreement, version, fund)
    postings = POSTINGS[event.event](event, setting) if event.amount != 0 else ()
    return Entry(event.event, event.date, reference_of(event), event.note, postings, told)


def _with_words(event: Event, agreement: Agreement, version: Version) -> Event:
    """An adjustment with the word that its account says, where its own column is empty."""
    word, name = said_by(event.account, agreement, version)
    said: dict[str, Any] = {word: name} if word and not getattr(event, word) else {}
    return replace(event, **said)


def reference_of(event: Event) -> str:
    """What makes an event unique among its kind: its reference, of a virement its reference and service."""
    return f"{event.reference} {event.service}" if event.event == "virement" else event.reference


def release_of(event: Event) -> Entry | None:
    """The memorandum that an expenditure against a commitment also makes: so much of it is no longer outstanding."""
    if event.event != "expenditure" or not event.against:
        return None
    details = json.dumps({"against": event.against, "amount": event.amount, "service": event.service}, sort_keys=True)
    return Entry("release", event.date, event.reference, f"Of commitment {event.against}", details=details)


def reversal_of_accrual(recorded: Recorded, date: dt.date) -> Entry:
    """An accrual undone on the first day of the next period."""
    return rules.reversal(recorded.number, recorded.entry, date, f"accrual {recorded.entry.reference}",
                          "An accrual reverses itself")


TIMELESS = frozenset({"settlement", "payment", "contribution", "opening_units"})
"""Money may move after an agreement has ended; cost may not arise."""


FUNDLESS = frozenset({"opening_units", "reserve_transfer", "outcome", "claim", *NOTES})
"""Events that move no money, or that of the reserve they name."""


def _version(event: Event, agreement: Agreement) -> Version:
    version = agreement.version_on(event.date)
    if version is None and event.event in TIMELESS:
        begun = [v for v in agreement.versions() if v.effective <= event.date]
        version = begun[-1] if begun else None
    if version is None:
        raise NoVersionInForce(Place(field="date"), date=event.date)
    return version


def _check_names(event: Event, agreement: Agreement, version: Version) -> None:
    known_names = (("partner", PartnerUnknown, agreement.partners), ("fund", FundUnknown, version.funds),
                   ("service", ServiceUnknown, version.services))
    for field, kind, known in known_names:
        name = getattr(event, field)
        if name and name not in known:
            hint = _elsewhere(name, f"{field}s", event, agreement) or near(name, known)
            raise kind(Place(field=field), name=name, known=", ".join(known), hint=hint)


def _elsewhere(name: str, part: str, event: Event, agreement: Agreement) -> str:
    """That a fund or service of this name stands in a version that is not in force on the event's day."""
    there = [v.id for v in agreement.versions() if name in getattr(v, part, ())]
    return f" ({name} is in {', '.join(there)}, not in force on {event.date})" if there else ""


def _fund(event: Event, version: Version) -> str:
    """The fund that an event belongs to: as written, its service's, its partner's line's, or the only pooled one.

    A settlement is of all funds together, so where none is written the first pooled one is as good as another.
    """
    if event.service:
        its_fund = version.services[event.service].fund
        if event.fund and event.fund != its_fund:
            raise ServiceInOtherFund(Place(field="fund"), service=event.service, its_fund=its_fund, fund=event.fund)
        return its_fund
    if event.fund:
        return event.fund
    found = _candidates(event, version)
    return found[0] if event.event == "settlement" and found else _only(event, found)


def _candidates(event: Event, version: Version) -> list[str]:
    lines = [line for line in version.contributions if not event.partner or line.partner in ("", event.partner)]
    if event.event == "contribution":
        of_source = [line for line in lines if event.source and line.source == event.source]
        lines = of_source or lines
    funds = list(dict.fromkeys(line.fund for line in lines)) if event.partner else []
    pooled = [name for name, fund in version.funds.items() if fund.pooled]
    settled = pooled if event.event in ("settlement", "adjustment") else []  # what is owed is a pooled fund's affair
    return [fund for fund in funds if fund in pooled] or settled or funds or pooled


def _only(event: Event, funds: list[str]) -> str:
    if len(funds) != 1:
        raise FundAmbiguous(Place(field="fund"), event=event.event,
                            funds=", ".join(funds) or Said("(none is pooled)"))
    return funds[0]


def _amount(event: Event) -> int:
    assert event.amount is not None, "a kind that posts has an amount"
    return event.amount


def _pair(event: Event, setting: Setting, debit: str, credit: str) -> tuple[Posting, ...]:
    """Debit one account and credit another with the event's amount; both lines carry its words."""
    line = Posting(debit, _amount(event), setting.fund, event.partner, event.service, event.source, event.cost_class,
                   event.case)
    return line, replace(line, account=credit, amount=-line.amount)


def _holder(event: Event, setting: Setting) -> str:
    """Where money came in or went out: the partner's account with the pool if it holds the cash, else the bank."""
    return receivable(event.partner) if event.partner else bank(setting.fund)


def _contribution(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return _pair(event, setting, bank(setting.fund), receivable(event.partner))


def _expenditure(event: Event, setting: Setting) -> tuple[Posting, ...]:
    payer = receivable(event.partner) if event.partner else PROVIDERS
    return _pair(event, setting, expenses(event.service), payer)


def _payment(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """What the fund owed to a provider, to a partner, or (`for`) to a recipient of a distribution."""
    recipients = {name for pot in setting.version.distributions for name in pot.recipients}
    owed = due_to(event.partner) if event.partner else PROVIDERS
    if event.beneficiary in recipients:
        owed = recipient(event.beneficiary)
    return _pair(event, setting, owed, bank(setting.fund))


def _in_kind(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return _pair(event, setting, f"expenses:in-kind:{event.service}", receivable(event.partner))


def _user_charge(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return _pair(event, setting, _holder(event, setting), f"income:user-charges:{event.service}")


def _income(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return _pair(event, setting, _holder(event, setting), f"income:other:{setting.fund}")


def _settlement(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """Received from a partner it lowers what is due from it; paid to it (negative), what is due to it."""
    if event.source:
        try:
            setting.agreement.calendar.parse(event.source)
        except PeriodNameWrong as error:
            example = error.facts["example"]
            raise SettlementPeriod(Place(field="source"), name=event.source, example=example) from None
    account = due_from(event.partner) if _amount(event) > 0 else due_to(event.partner)
    return _pair(event, setting, bank(setting.fund), account)


def _refund(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return _pair(event, setting, _holder(event, setting), expenses(event.service))


def _accrual(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """Cost without an invoice yet; the import posts its reversal on the first day of the next period."""
    return _pair(replace(event, partner=""), setting, expenses(event.service), ACCRUALS)


def _activity(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """Units without money: a statistical line on the service's account, so that totals cost no walk over history."""
    assert event.units is not None, "activity has units"
    return (Posting(expenses(event.service), 0, setting.fund, event.partner, event.service, event.source,
                    event.cost_class, event.case, event.units),) if event.units else ()


def _adjustment(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """A correction of one account: a debit where positive. Cost is owed to providers; the rest changes the fund."""
    counter = PROVIDERS if event.account.startswith("expenses:") else fund_balance(setting.fund)
    return _pair(event, setting, event.account, counter)


def _reserve_transfer(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """Cash put into a reserve for a partner (positive), or taken out of it."""
    if event.source not in setting.agreement.reserves:
        known = setting.agreement.reserves
        raise ReserveUnknown(Place(field="source"), name=event.source, hint=near(event.source, known),
                             known=", ".join(known) or Said("(none)"))
    fund = setting.agreement.reserves[event.source].fund
    return _pair(event, replace(setting, fund=fund), bank(fund), reserve(event.source, event.partner))


def _recognise(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """A funder recognises a claim: it is owed, and other income of the fund. A resolution may recognise more."""
    return _pair(event, setting, claims(event.partner), f"income:other:{setting.fund}") \
        if event.amount and event.partner else ()


def _draw(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """Money drawn on a claim, recognised or not; without its funder it is only noted."""
    return _pair(event, setting, bank(setting.fund), claims(event.partner)) if event.partner else ()


def _outcome(event: Event, setting: Setting) -> tuple[Posting, ...]:
    outcome_of(event.source, event.service, setting.version)
    return ()


def outcome_of(named: str, service: str, version: Version) -> str:
    """Which outcome an event is about: the one that `source` names, else the only one of its service."""
    ids = [o.id for o in version.outcomes]
    if named in ids:
        return named
    found = [o.id for o in version.outcomes if service in ("", o.service)]
    if len(found) != 1:
        raise OutcomeAmbiguous(Place(field="source"), known=", ".join(ids) or Said("(none)"))
    return found[0]


def _fault(event: Event, setting: Setting) -> tuple[Posting, ...]:
    """A fault leaves a variance or a shared cost; where cost is charged case by case it would fall on no case."""
    if event.service in cost_services(setting.version) and by_event(setting.version):
        raise FaultByCase(Place(field="service"), service=event.service)
    return ()


def _memorandum(event: Event, setting: Setting) -> tuple[Posting, ...]:
    return ()


POSTINGS: Mapping[str, Callable[[Event, Setting], tuple[Posting, ...]]] = {
    "contribution": _contribution, "expenditure": _expenditure, "payment": _payment, "in_kind": _in_kind,
    "user_charge": _user_charge, "income": _income, "settlement": _settlement, "refund": _refund,
    "accrual": _accrual, "activity": _activity, "adjustment": _adjustment, "reserve_transfer": _reserve_transfer,
    "forecast": _memorandum, "commitment": _memorandum, "virement": _memorandum, "fault": _fault,
    "opening_units": _memorandum, "outcome": _outcome, "claim": _memorandum, "recognise": _recognise, "draw": _draw,
    "resolve": _recognise, "explanation": _memorandum, "action": _memorandum, "decision": _memorandum,
}
"""Every kind of event but `reversal`, which undoes another's entry whatever that was."""
