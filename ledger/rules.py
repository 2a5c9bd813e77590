"""May this be posted, closed or reopened? Decisions from values alone; the database refuses the same once more."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from ledger import refusals
from ledger.chain import CellWords
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.model import Entry, Period, Posting
from ledger.money import LARGEST, to_text

ROOTS = ("assets", "liabilities", "equity", "reserves", "income", "expenses")
MOST_UNITS = 10**17  # millionths
LONGEST = 200  # characters of a reference or a word: both stand in keys
LONGEST_TEXT = 100_000  # characters of a memo or of details

_PART = r"[^\s:\x00-\x1f\x7f](?:[^:\x00-\x1f\x7f]*[^\s:\x00-\x1f\x7f])?"
_ACCOUNT = re.compile(rf"(?:{'|'.join(ROOTS)})(?::{_PART})+")
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]").search


class Periods:
    """The periods that the books have, in order, and which of them a date falls in."""

    def __init__(self, periods: Iterable[Period]) -> None:
        self.all = tuple(sorted(periods, key=lambda p: p.number))
        self.by_id = {period.id: period for period in self.all}
        self._starts = [period.starts for period in self.all]
        self.known: dict[dt.date, Period] = {}  # the dates asked for so far that a period holds

    def on(self, date: dt.date) -> Period | None:
        """The period that holds the date; None outside the calendar."""
        found = self.known.get(date)
        if found is None:
            at = bisect_right(self._starts, date) - 1
            if at >= 0 and date <= self.all[at].ends:
                found = self.known[date] = self.all[at]
        return found

    def named(self, period_id: str) -> Period:
        """The period of that name; refuses a name that the calendar does not have."""
        if period_id not in self.by_id:
            known = ", ".join(list(self.by_id)[-8:]) or "none yet"
            raise refusals.PeriodNameUnknown(period=period_id, known=known)
        return self.by_id[period_id]


def account_faults(path: str) -> list[PoolbookError]:
    """Whether a path may name an account."""
    if len(path) <= LONGEST and _ACCOUNT.fullmatch(path):
        return []
    return [refusals.AccountMalformed(account=path)]


def unknown_account(entry: Entry, path: str, known: Collection[str], index: int) -> PoolbookError:
    """The refusal of an account that the books lack, with the name that was probably meant."""
    if account_faults(path):
        return refusals.AccountMalformed(index=index, account=path)
    near = get_close_matches(path, known, n=1, cutoff=0.75)
    suggestion = (Said("did you mean {word}?", word=near[0]) if near
                  else Said("check the spelling; an account of your own is first added under `accounts:` "
                            "in the agreement"))
    return refusals.AccountUnknown(index=index, reference=entry.reference, account=path, suggestion=suggestion)


def faults(entry: Entry, periods: Periods, currency: str, index: int) -> list[PoolbookError]:
    """Everything that by itself stands against an entry, apart from accounts and references (see `service`)."""
    found: list[PoolbookError] = []
    if not entry.reference.strip():
        found.append(refusals.ReferenceMissing(index=index, kind=entry.kind, date=entry.date))
    if (len(entry.reference) > LONGEST or len(entry.memo) + len(entry.details) > LONGEST_TEXT
            or _UNUSABLE(entry.reference + entry.memo + entry.details)):
        found.extend(_text_faults(entry, index))
    period = periods.on(entry.date)
    if period is None:
        found.append(refusals.PeriodUnknown(index=index, date=entry.date))
    elif period.closed:
        found.append(refusals.PeriodClosed(index=index, date=entry.date, period=period.id))
    if entry.belongs_to and entry.belongs_to not in periods.by_id:
        known = ", ".join(list(periods.by_id)[-8:]) or "none yet"
        found.append(refusals.PeriodNameUnknown(index=index, period=entry.belongs_to, known=known))
    postings = entry.postings
    total, plain, one_fund = 0, True, True
    fund = postings[0].fund if postings else ""
    for posting in postings:
        amount = posting.amount
        total += amount
        if not amount or amount > LARGEST or amount < -LARGEST or posting.units or posting.case:
            plain = False
        if posting.fund != fund:
            one_fund = False
    if not plain:
        found.extend(_posting_faults(entry, index))
    if total:
        found.append(_lopsided(entry, total, currency, index))
    elif not one_fund:
        found.extend(_fund_faults(entry, currency, index))
    return found


def _lopsided(entry: Entry, total: int, currency: str, index: int) -> PoolbookError:
    if len(entry.postings) < 2:
        return refusals.TooFewPostings(index=index, reference=entry.reference, count=len(entry.postings))
    return refusals.Unbalanced(index=index, reference=entry.reference, difference=to_text(total, currency))


def _fund_faults(entry: Entry, currency: str, index: int) -> Iterator[PoolbookError]:
    totals: dict[str, int] = defaultdict(int)
    for posting in entry.postings:
        totals[posting.fund] += posting.amount
    for fund, total in totals.items():
        if total:
            yield refusals.UnbalancedInFund(index=index, reference=entry.reference, fund=fund,
                                            difference=to_text(total, currency))


def _posting_faults(entry: Entry, index: int) -> Iterator[PoolbookError]:
    for line, p in enumerate(entry.postings, 1):
        if not (p.amount or p.units):
            yield refusals.PostingEmpty(index=index, reference=entry.reference, line=line)
        for quantity, most in ((p.amount, LARGEST), (p.units, MOST_UNITS)):
            if abs(quantity) > most:
                yield refusals.QuantityTooLarge(index=index, reference=entry.reference, line=line, quantity=quantity)
        if p.case and (len(p.case) > LONGEST or _UNUSABLE(p.case)):
            yield _unusable(entry, "case", LONGEST, index)


def _text_faults(entry: Entry, index: int) -> Iterator[PoolbookError]:
    for field, text, longest in (("reference", entry.reference, LONGEST), ("memo", entry.memo, LONGEST_TEXT),
                                 ("details", entry.details, LONGEST_TEXT)):
        if len(text) > longest or _UNUSABLE(text):
            yield _unusable(entry, field, longest, index)


def _unusable(entry: Entry, field: str, longest: int, index: int) -> PoolbookError:
    return refusals.TextUnusable(index=index, reference=_UNUSABLE_SUB("", entry.reference[:40]), field=field,
                                 longest=longest)


_UNUSABLE_SUB = re.compile("[\x00-\x1f\x7f\ud800-\udfff]").sub
_NAMES = ("account", "kind", "fund", "partner", "service", "source", "cost_class")


def unusable_word(cell: CellWords) -> str:
    """Which of a cell's words may not stand in a key; empty when all may."""
    for name, word in zip(_NAMES, cell, strict=True):
        if len(word) > LONGEST or _UNUSABLE(word):
            return name
    return "" if cell[1] else "kind"


def word_fault(entry: Entry, field: str, index: int) -> PoolbookError:
    """The refusal of an entry one of whose words may not stand in a key."""
    return _unusable(entry, field, LONGEST, index)


def close_faults(period: Period, periods: Sequence[Period]) -> list[PoolbookError]:
    """Whether a period may close: it is open, and every earlier one is closed."""
    if period.closed:
        return [refusals.PeriodAlready(period=period.id, state=Said("closed"))]
    earlier = next((p for p in periods if p.number < period.number and not p.closed), None)
    return [] if earlier is None else [
        refusals.PeriodOrder(period=period.id, action=Said("closed"), other=earlier.id, state=Said("open"))]


def reopen_faults(period: Period, periods: Sequence[Period], reason: str) -> list[PoolbookError]:
    """Whether a period may be reopened: it is closed, every later one is open, and somebody says why."""
    if not period.closed:
        return [refusals.PeriodAlready(period=period.id, state=Said("open"))]
    if not reason.strip():
        return [refusals.ReasonMissing(period=period.id)]
    later = next((p for p in reversed(periods) if p.number > period.number and p.closed), None)
    return [] if later is None else [
        refusals.PeriodOrder(period=period.id, action=Said("reopened"), other=later.id, state=Said("closed"))]


def reversal(number: int, undone: Entry, date: dt.date, reference: str, memo: str) -> Entry:
    """The entry that undoes another: every posting negated, in the cell it was in."""
    postings = tuple(Posting(p.account, -p.amount, p.fund, p.partner, p.service, p.source, p.cost_class, p.case,
                             -p.units, p.kind or undone.kind) for p in undone.postings)
    return Entry("reversal", date, reference, memo, postings, reverses=number)
