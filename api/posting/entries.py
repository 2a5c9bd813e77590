"""Journal entries as sent, made into entries for the books: names checked, words that accounts imply filled in.

A posting to `expenses:reablement` is about the service reablement and its fund, whether it says so or not; without
these words the statement would not find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from allocation.discovery import near
from api.shapes.entries import EntryIn, PostingIn
from commissioning.agreement.account_words import said_by
from commissioning.agreement.model import Agreement, Version
from commissioning.agreement.refusals import ServiceInOtherFund
from commissioning.refusals.names import FundUnknown, NoVersionInForce, PartnerUnknown, ServiceUnknown
from ledger.errors import Place, PoolbookError, Refused
from ledger.model import UNIT, Entry, Posting
from ledger.money import to_minor

KIND = "journal"


def entries_of(given: Sequence[EntryIn], agreement: Agreement) -> list[Entry]:
    """The entries to post. Raises `Refused` with the faults of all of them, each with its item and posting."""
    entries: list[Entry] = []
    faults: list[PoolbookError] = []
    for line, one in enumerate(given, 1):
        try:
            entries.append(_entry(one, agreement))
        except Refused as refused:
            faults += [fault.at(Place(line=line)) for fault in refused.faults]
    if faults:
        raise Refused(faults)
    return entries


def _entry(given: EntryIn, agreement: Agreement) -> Entry:
    version = _version(given, agreement)
    amounts = _amounts(given, agreement, version)
    words = [_words(line, agreement, version) for line in given.postings]
    # A line that names no fund belongs to the one that all the others name, or to the only one there is.
    funds = {fund for fund, _, _ in words if fund} or set(version.funds)
    only = next(iter(funds)) if len(funds) == 1 else ""
    postings = tuple(Posting(line.account, amount, fund or only, partner, service, line.source, line.cost_class,
                             line.case, _units(line))
                     for line, amount, (fund, partner, service) in zip(given.postings, amounts, words, strict=True))
    return Entry(KIND, given.date, given.reference, given.memo, postings, belongs_to=given.belongs_to)


def _version(given: EntryIn, agreement: Agreement) -> Version:
    """The version in force, or the last one begun: money still moves after an agreement has ended."""
    begun = [v for v in agreement.versions() if v.effective <= given.date]
    if not begun:
        raise Refused([NoVersionInForce(Place(field="date"), date=given.date)])
    return begun[-1]


def _amounts(given: EntryIn, agreement: Agreement, version: Version) -> list[int]:
    """What each line amounts to in minor units. Raises `Refused` with all that is wrong with any line."""
    amounts: list[int] = []
    faults: list[PoolbookError] = []
    for index, line in enumerate(given.postings):
        faults += _faults(line, index, agreement, version)
        try:
            amounts.append(to_minor(line.amount, agreement.currency))
        except PoolbookError as error:
            faults.append(error.at(Place(field=f"postings[{index}].amount")))
    if faults:
        raise Refused(faults)
    return amounts


def _faults(line: PostingIn, index: int, agreement: Agreement, version: Version) -> Iterator[PoolbookError]:
    names = (("partner", PartnerUnknown, agreement.partners), ("fund", FundUnknown, version.funds),
             ("service", ServiceUnknown, version.services))
    for word, kind, known in names:
        name = getattr(line, word)
        if name and name not in known:
            yield kind(Place(field=f"postings[{index}].{word}"), name=name, known=", ".join(known),
                       hint=near(name, known))
    service = version.services.get(line.service)
    if service is not None and line.fund and line.fund != service.fund:
        yield ServiceInOtherFund(Place(field=f"postings[{index}].fund"), service=line.service,
                                 its_fund=service.fund, fund=line.fund)


def _words(line: PostingIn, agreement: Agreement, version: Version) -> tuple[str, str, str]:
    """The fund, the partner and the service that a line is about, whether it says so or its account does."""
    fund, partner, service = line.fund, line.partner, line.service
    word, name = said_by(line.account, agreement, version)
    if word == "fund":
        fund = fund or name
    elif word == "partner":
        partner = partner or name
    elif word == "service":
        service = service or name
    if service and not fund:
        fund = version.services[service].fund
    return fund, partner, service


def _units(line: PostingIn) -> int:
    """In millionths; a decimal with six decimals at most, which `Decimal` multiplies exactly."""
    return int(Decimal(line.units) * UNIT)
