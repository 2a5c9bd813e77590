"""Journal entries as sent, made into entries for the books: names checked, words that accounts imply filled in.

A posting to `expenses:reablement` is about the service reablement and its fund, whether it says so or not; without
these words the statement would not find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from allocation.discovery import near
from api.schemas import EntryIn, PostingIn
from commissioning.account_words import said_by
from commissioning.agreement import Agreement, Version
from commissioning.agreement_refusals import ServiceInOtherFund
from commissioning.name_refusals import FundUnknown, NoVersionInForce, PartnerUnknown, ServiceUnknown
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
    faults = [fault for i, line in enumerate(given.postings) for fault in _faults(line, i, agreement, version)]
    if faults:
        raise Refused(faults)
    lines = [_posting(line, agreement, version) for line in given.postings]
    return Entry(KIND, given.date, given.reference, given.memo, tuple(_with_fund(lines, version)),
                 belongs_to=given.belongs_to)


def _version(given: EntryIn, agreement: Agreement) -> Version:
    """The version in force, or the last one begun: money still moves after an agreement has ended."""
    begun = [v for v in agreement.versions() if v.effective <= given.date]
    if not begun:
        raise Refused([NoVersionInForce(Place(field="date"), date=given.date)])
    return begun[-1]


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
    try:
        to_minor(line.amount, agreement.currency)
    except PoolbookError as error:
        yield error.at(Place(field=f"postings[{index}].amount"))


def _posting(line: PostingIn, agreement: Agreement, version: Version) -> Posting:
    words = {"fund": line.fund, "partner": line.partner, "service": line.service}
    word, name = said_by(line.account, agreement, version)
    if word and not words[word]:
        words[word] = name
    if words["service"] and not words["fund"]:
        words["fund"] = version.services[words["service"]].fund
    return Posting(line.account, to_minor(line.amount, agreement.currency), source=line.source,
                   cost_class=line.cost_class, case=line.case, units=(Fraction(line.units) * UNIT).numerator, **words)


def _with_fund(lines: Sequence[Posting], version: Version) -> list[Posting]:
    """A line that names no fund belongs to the one that all the others name, or to the only one there is."""
    funds = {line.fund for line in lines if line.fund} or set(version.funds)
    only = next(iter(funds)) if len(funds) == 1 else ""
    return [line if line.fund else replace(line, fund=only) for line in lines]
