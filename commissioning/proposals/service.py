"""What can be done under four eyes: try a change and keep it as a proposal if it waits; approve, reject, withdraw.

Everything happens in the caller's transaction; none commits. The change itself is an argument, so that one that was
approved is done by the same code as one that did not wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from commissioning import store as agreements
from commissioning.agreement.model import FourEyes
from commissioning.closing.known import read_kept
from commissioning.proposals import rules
from commissioning.proposals import store as kept
from commissioning.proposals.model import Actor, Decision, Proposal, Request, canonical
from commissioning.proposals.rules import APPROVAL, RECOMPUTATION
from commissioning.refusals.proposals import (
    MakerCannotApprove,
    NotTheMaker,
    PersonNotNamed,
    ProposalDecided,
    ProposalOutdated,
    ProposalUnknown,
    RejectionReasonMissing,
    RunNeedsOwnLedger,
)
from ledger import service as books
from ledger import store as books_store
from ledger.errors import Refused
from ledger.language import Said
from ledger.model import Book, Entry, Recorded
from ledger.refusals import PartnershipUnknown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A change that was made: what is answered to whoever asked for it, and what tells in words what it did.

    `statement`: the document that it issued.
    """

    answer: T
    tell: Callable[[], Sequence[str]] = tuple
    statement: str = ""


Do = Callable[[Connection], Done[T]]


def terms_in_force(conn: Connection, book: Book) -> FourEyes | None:
    """What waits in this partnership; None: nothing does."""
    text = agreements.agreement_text(conn, book)
    return None if text is None else read_kept(text).partnership.four_eyes


def attempt(conn: Connection, partnership: str, request: Callable[[], Request], do: Do[T], who: Actor,
            now: dt.datetime, *, named: bool = True) -> Done[T] | Proposal:
    """Makes a change; one that waits for a second person is undone again and kept as a proposal.

    The caller has locked the books, where there are any: what is recorded meanwhile is this change's.
    The terms are those in force before it. Where a partnership has no agreement yet nothing waits: there is nobody
    else whose terms they could be. `named`: whether it is proved who acts; a proposal needs it. The same request with
    the same outcome, while it is open, is the same proposal.
    """
    book = _find(conn, partnership)
    terms = terms_in_force(conn, book) if book is not None else None
    before = books_store.head(conn, book).entries if book is not None else 0
    if book is None or terms is None:
        done = do(conn)
        kept.record(conn, book or books.open_book(conn, partnership), before, who, now)
        return done
    with conn.begin_nested() as savepoint:
        done = do(conn)
        posted: list[Recorded] = []
        because = rules.why_waits(books_store.all_entries(conn, book, before), terms, before, book.currency)
        if because:
            posted += books_store.all_entries(conn, book, before)
            savepoint.rollback()
    if not because:
        kept.record(conn, book, before, who, now)
        return done
    if not named:
        raise Refused([PersonNotNamed(because=because)])
    shown = rules.outcome(posted, done.tell(), before, book.currency, because, done.statement)
    asked = request()
    known = [one for one in kept.open_with(conn, book, asked.sha256) if one.outcome.same(shown)]
    return known[0] if known else kept.keep(conn, book, asked, shown, who, now)


def approve(conn: Connection, book: Book, number: int, who: Actor, now: dt.datetime,
            do: Callable[[Connection, Request], Done[T]]) -> tuple[Proposal, Done[T]]:
    """Does what was proposed, exactly as it was kept and shown, and says so in the chain.

    A refusal by the books leaves the proposal open. So does an outcome that is no longer the one that was shown:
    whoever approves answers for figures, and these would be others.
    """
    books.open_book(conn, book.id, lock=True)
    found = _open(conn, book, number)
    if who.is_person(found.maker):
        raise Refused([MakerCannotApprove(number=number, person=found.maker.person)])
    before = books_store.head(conn, book).entries
    done = do(conn, found.request)
    posted = books_store.entries(conn, book, after=before)
    now_shown = rules.outcome(posted, done.tell(), before, book.currency, found.outcome.because)
    if not found.outcome.same(now_shown):
        raise Refused([ProposalOutdated(number=number, words="; ".join(now_shown.words) or Said("nothing"))])
    entry = books.post(conn, book, [_memorandum(conn, book, found, who, before, now)], now).numbers[0]
    decision = Decision("approved", who, now, entry=entry)
    kept.decide(conn, book, number, decision)
    kept.record(conn, book, before, who, now)
    return _decided(conn, book, number), done


def _memorandum(conn: Connection, book: Book, found: Proposal, who: Actor, before: int, now: dt.datetime) -> Entry:
    last = books_store.head(conn, book).entries
    details = {"proposal": found.number, "what": found.request.kind, "sha256": found.sha256,
               "maker": {"id": found.maker.id, "person": found.maker.person},
               "approver": {"id": who.id, "person": who.person}, "entries": [before + 1, last]}
    memo = f"Proposal {found.number} ({found.request.kind}) approved"
    return Entry(APPROVAL, _open_day(conn, book, now), f"proposal {found.number}", memo,
                 details=canonical(details))


def _open_day(conn: Connection, book: Book, now: dt.datetime) -> dt.date:
    """Today where its period is open, else the first day that is."""
    opened = [p for p in books_store.periods(conn, book) if not p.closed]
    today = now.date()
    if any(p.starts <= today <= p.ends for p in opened):
        return today
    return opened[0].starts


def reject(conn: Connection, book: Book, number: int, who: Actor, reason: str, now: dt.datetime) -> Proposal:
    """Ends a proposal without doing it, for a reason; where its maker does, it is withdrawn."""
    books.open_book(conn, book.id, lock=True)
    found = _open(conn, book, number)
    mine = who.is_person(found.maker)
    if not mine and not reason.strip():
        raise Refused([RejectionReasonMissing(number=number)])
    kept.decide(conn, book, number, Decision("withdrawn" if mine else "rejected", who, now, reason.strip()))
    return _decided(conn, book, number)


def withdraw(conn: Connection, book: Book, number: int, who: Actor, reason: str, now: dt.datetime) -> Proposal:
    """Ends one's own proposal."""
    found = _open(conn, book, number)
    if not who.is_person(found.maker):
        raise Refused([NotTheMaker(number=number, person=found.maker.person)])
    return reject(conn, book, number, who, reason, now)


def get(conn: Connection, book: Book, number: int) -> Proposal:
    """The proposal of that number; refuses an unknown one."""
    found = kept.one(conn, book, number)
    if found is None:
        raise Refused([ProposalUnknown(number=number)])
    return found


def _open(conn: Connection, book: Book, number: int) -> Proposal:
    found = get(conn, book, number)
    if found.decision is not None:
        raise Refused([ProposalDecided(number=number, verdict=found.decision.verdict,
                                       person=found.decision.by.person)])
    return found


_decided = get


def _find(conn: Connection, partnership: str) -> Book | None:
    try:
        return books.open_book(conn, partnership)
    except PartnershipUnknown:
        return None


# ---------------------------------------------------------------------------------------------- a ledger of one's own

def note_recomputation(conn: Connection, book: Book, now: dt.datetime) -> bool:
    """Says in the chain that one person computed this ledger, where its agreement asks for a second; whether it does.

    The note says neither who nor when, so that the same case has the same head whoever runs it.
    """
    if terms_in_force(conn, book) is None:
        return False
    if books_store.find(conn, book, RECOMPUTATION, book.id) is None:
        day = next(p.starts for p in books_store.periods(conn, book) if not p.closed)
        memo = "Computed by one person; the approvals that the agreement asks for were not asked for"
        books.post(conn, book, [Entry(RECOMPUTATION, day, book.id, memo)], now)
    return True


def refuse_kept_books(conn: Connection, partnership: str) -> None:
    """Refuses to compute anew, without approvals, in books that are kept under four eyes."""
    book = _find(conn, partnership)
    if (book is not None and terms_in_force(conn, book) is not None
            and books_store.find(conn, book, RECOMPUTATION, book.id) is None):
        raise Refused([RunNeedsOwnLedger(partnership=partnership)])
