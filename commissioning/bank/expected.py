"""What money the books and the agreement expect to move at the bank, and what has moved there by the books.

Contributions come by their instalments less what was paid; what a close settled comes as a settlement and no more as
instalments; invoices go until they are paid. An invoice counts as paid as far as payments name it, else by one of
its amount, and the oldest are taken as paid where the fund owes less than all of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from commissioning.agreement.model import Agreement
from commissioning.agreement.plan import Stretch, stretches
from commissioning.books import postings as to
from commissioning.events.model import details_of
from contributions.bank.due import unpaid
from contributions.bank.suggestion import Booked, Expected
from contributions.bank.words import holds, tokens
from contributions.model import Instalment, Line
from contributions.rules import instalments
from ledger import store as books_store
from ledger.model import Book, Entry, Period, Recorded

BEFORE, AHEAD = dt.timedelta(days=180), dt.timedelta(days=60)
AROUND = dt.timedelta(days=45)  # how far from the bank's day an entry may be dated
PAID_BY = frozenset({"contribution", "expenditure", "refund", "accrual"})
"""Kinds of entries by which a partner pays what its cash lines made due: to the fund, or a provider directly."""


def expected(conn: Connection, book: Book, agreement: Agreement, start: dt.date, end: dt.date) -> list[Expected]:
    """Everything that may still come in or go out around these days."""
    periods = books_store.periods(conn, book)
    return [*_contributions(conn, book, agreement, periods, end + AHEAD),
            *_settled(conn, book, agreement, periods), *_invoices(conn, book, agreement, start, end)]


# ------------------------------------------------------------------------------------------------ contributions

@dataclass
class _Owed:
    """A partner's cash in a fund: what falls due by source, and what it paid, by the source it named or none."""

    due: dict[str, list[Instalment]] = field(default_factory=lambda: defaultdict(list))
    paid: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _contributions(conn: Connection, book: Book, agreement: Agreement, periods: Sequence[Period],
                   until: dt.date) -> Iterator[Expected]:
    first = _first_unsettled(agreement, periods)
    owed: dict[tuple[str, str], _Owed] = defaultdict(_Owed)
    for stretch, line in _cash_lines(agreement, first.starts, until):
        owed[line.fund, line.partner].due[line.source] += [
            one for one in instalments(line, stretch.year, stretch.window) if first.starts <= one.date <= until]
    for moved in books_store.movements(conn, book, first=first.number):
        if moved.kind in PAID_BY and moved.account == to.receivable(moved.partner):
            owed[moved.fund, moved.partner].paid[moved.source] -= moved.amount
    for (fund, partner), one in owed.items():
        for source, item in _still_due(one):
            yield Expected(f"contribution {partner} {fund} {source} {item.date}", "contribution", item.amount,
                           item.date, partner, fund, partner, source=source)


def _first_unsettled(agreement: Agreement, periods: Sequence[Period]) -> Period:
    """The first period whose instalments no close has turned into a settlement."""
    def settled(period: Period) -> bool:
        last = agreement.calendar.year_of(period.ends).periods()[-1].number
        by = period.number if agreement.partnership.settle == "period" else last
        return any(one.number == by and one.closed for one in periods)

    return next((period for period in periods if not settled(period)), periods[-1])


def _cash_lines(agreement: Agreement, start: dt.date, until: dt.date) -> Iterator[tuple[Stretch, Line]]:
    """The lines that bring cash into a pooled fund, in every year from one day to another."""
    year = agreement.calendar.year_of(start)
    while year.starts <= until:
        for stretch in stretches(agreement, year):
            for line in stretch.lines:
                if line.kind in ("cash", "grant") and stretch.version.funds[line.fund].pooled:
                    yield stretch, line
        year = year.next()


def _still_due(one: _Owed) -> Iterator[tuple[str, Instalment]]:
    """Each source's instalments less what was paid for it; what was paid for none goes to the oldest of all."""
    left = [(source, item) for source, due in one.due.items() for item in unpaid(due, one.paid.pop(source, 0))]
    left.sort(key=lambda pair: pair[1].date)
    rest = sum(one.paid.values())
    for source, item in left:
        off = min(max(rest, 0), item.amount)
        rest -= off
        if item.amount > off:
            yield source, Instalment(item.date, item.amount - off)


# ------------------------------------------------------------------------------------ settlements and recipients

def _settled(conn: Connection, book: Book, agreement: Agreement, periods: Sequence[Period]) -> Iterator[Expected]:
    """What closes made due from partners and to them, and to the recipients of distributions."""
    closed = [period for period in periods if period.closed]
    if not closed:
        return
    last = closed[-1]
    for row in books_store.balances(conn, book, by=("account", "fund")):
        account, amount = row["account"], row["amount"]
        room, _, name = account.rpartition(":")
        if not amount:
            continue
        if room in ("assets:due-from", "liabilities:due-to") and name in agreement.partners:
            yield Expected(f"settlement {name} {row['fund']}", "settlement", amount, last.ends, name, row["fund"], name,
                           source=last.id)
        elif room == "liabilities:recipients" and amount < 0:
            yield Expected(f"recipient {name} {row['fund']}", "payment", amount, last.ends, f"recipient:{name}",
                           row["fund"], beneficiary=name)


# ----------------------------------------------------------------------------------------------------- invoices

@dataclass(frozen=True, slots=True)
class _Invoice:
    reference: str
    date: dt.date
    fund: str
    service: str
    amount: int


def _invoices(conn: Connection, book: Book, agreement: Agreement, start: dt.date, end: dt.date) -> Iterator[Expected]:
    """Cost that the fund owes to providers and has not paid yet."""
    found = books_store.entries(conn, book, account=to.PROVIDERS, start=start - BEFORE, end=end)
    undone = books_store.reversed_by(conn, book, [one.number for one in found])
    entries = [one.entry for one in found if one.number not in undone and one.entry.kind != "reversal"]
    owes: dict[str, int] = defaultdict(int)
    for row in books_store.balances(conn, book, by=("account", "fund")):
        if row["account"] == to.PROVIDERS:
            owes[row["fund"]] -= row["amount"]
    by_fund: dict[str, list[_Invoice]] = defaultdict(list)
    for one in _unpaid_invoices(entries):
        by_fund[one.fund].append(one)
    for fund, some in by_fund.items():
        for one in _newest(some, owes[fund]):
            yield Expected(f"invoice {one.reference}", "payment", -one.amount, one.date,
                           provider_of(agreement, one.service, one.date), fund, service=one.service,
                           reference=one.reference)


def _unpaid_invoices(entries: Sequence[Entry]) -> list[_Invoice]:
    """What is left of invoices after the payments that name them, without those that one of their amount covers."""
    invoices = {e.reference: _Invoice(e.reference, e.date, line.fund, line.service, -line.amount) for e in entries
                if e.kind == "expenditure" for line in e.postings if line.account == to.PROVIDERS and line.amount < 0}
    loose: list[tuple[str, int]] = []
    for entry in entries:
        if entry.kind != "payment":
            continue
        named = details_of(entry.details).get("against", "") or entry.reference
        paid = [(line.fund, line.amount) for line in entry.postings if line.account == to.PROVIDERS]
        if named in invoices:
            rest = invoices[named].amount - sum(amount for _fund, amount in paid)
            invoices[named] = replace(invoices[named], amount=max(rest, 0))
        else:
            loose += paid
    for fund, amount in loose:
        same = next((one.reference for one in invoices.values() if (one.fund, one.amount) == (fund, amount)), None)
        if same is not None:
            del invoices[same]
    return [one for one in invoices.values() if one.amount]


def _newest(invoices: Sequence[_Invoice], owed: int) -> list[_Invoice]:
    """The newest invoices, as far as the fund still owes them."""
    taken: list[_Invoice] = []
    for one in sorted(invoices, key=lambda one: one.date, reverse=True):
        if owed <= 0:
            break
        owed -= one.amount
        taken.append(one)
    return taken[::-1]


def provider_of(agreement: Agreement, service: str, date: dt.date) -> str:
    """The party that is paid for a service."""
    version = agreement.version_on(date) or agreement.versions()[-1]
    terms = version.services.get(service)
    return f"provider:{terms.provider}" if terms is not None and terms.provider else f"service:{service}"


def names(agreement: Agreement) -> dict[str, list[str]]:
    """By what each party may be called in a line's text. An id that is a word of another's name would mislead."""
    full = {partner: agreement.partner_name(partner) for partner in agreement.partners}
    found = {partner: [name, *([partner] if not any(holds(tokens(other), tokens(partner)) for p, other in full.items()
                                                    if p != partner) else [])]
             for partner, name in full.items()}
    for version in agreement.versions():
        for service, terms in version.services.items():
            if terms.provider:
                found.setdefault(f"provider:{terms.provider}", [terms.provider])
            elif terms.name:
                found.setdefault(f"service:{service}", [terms.name])
        for pot in version.distributions:
            for recipient in pot.recipients:
                found.setdefault(f"recipient:{recipient}", [recipient])
    return found


# -------------------------------------------------------------------------------------------- what is in the books

def booked(conn: Connection, book: Book, funds: Iterable[str], start: dt.date, end: dt.date,
           also: Sequence[Recorded] = ()) -> tuple[list[Booked], Mapping[int, dt.date]]:
    """The entries that moved these funds' bank around these days, and the day on which each stands in the books.

    An entry that was posted late counts on its own day. `also`: entries that are looked at whenever they are dated.
    """
    accounts = {to.bank(fund) for fund in funds}
    near = books_store.entries(conn, book, account="assets:bank", start=start - AROUND, end=end + AROUND)
    every = {one.number: one for one in (*near, *also)}
    undone = books_store.reversed_by(conn, book, every)
    found: list[Booked] = []
    dated: dict[int, dt.date] = {}
    for one in every.values():
        lines = [line for line in one.entry.postings if line.account in accounts]
        amount = sum(line.amount for line in lines)
        if amount and one.entry.kind != "opening":
            partner = next((line.partner for line in lines if line.partner), "")
            found.append(Booked(one.number, one.entry.kind, one.entry.reference, own_day(one), amount, partner,
                                one.number in undone, _about(one)))
            dated[one.number] = one.entry.date
    return found, dated


def _about(one: Recorded) -> str:
    """The reference of what an entry paid, where it says so."""
    return str(details_of(one.entry.details).get("against", "")) if one.entry.kind == "payment" else ""


def own_references(line: str) -> tuple[str, str]:
    """By which the books know a line of the bank first: as one event, or as the first of several."""
    return line, f"{line}/1"


def own_day(one: Recorded) -> dt.date:
    """The day that an entry is about, whenever it was posted."""
    return dt.date.fromisoformat(details_of(one.entry.details)["date"]) if one.entry.belongs_to else one.entry.date


def of_others(one: Recorded, funds: Iterable[str]) -> bool:
    """Whether an entry moved the bank's money, and none of these funds'."""
    moved = {line.account for line in one.entry.postings if line.account.startswith(to.bank(""))}
    return bool(moved) and moved.isdisjoint(to.bank(fund) for fund in funds)


def cash(conn: Connection, book: Book, funds: Iterable[str], at: dt.date) -> int:
    """What the books have at the bank in these funds at the end of a day."""
    accounts = {to.bank(fund) for fund in funds}
    return sum(row["amount"] for row in books_store.balances(conn, book, at=at, by=("account",))
               if row["account"] in accounts)


def opened(conn: Connection, book: Book, funds: Iterable[str], start: dt.date, end: dt.date) -> int:
    """Opening balances posted within these days: money that was at the bank before them."""
    accounts = {to.bank(fund) for fund in funds}
    there = books_store.entries(conn, book, kinds=["opening"], start=start, end=end)
    return sum(line.amount for one in there for line in one.entry.postings if line.account in accounts)


