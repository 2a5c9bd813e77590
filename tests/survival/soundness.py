"""Are the books whole after what was done to them? Everything acknowledged is there, nothing is half there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from api.database import reading
from commissioning import service
from commissioning import store as statements
from ledger import service as books
from ledger import store
from ledger.model import Book
from ledger.tables import entry, movement, posting
from tests.survival import scene
from tests.survival.load import Answer, Ask

Kept = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Found:
    """The entries there are (number by kind and reference), and the requests without an answer that were kept."""

    kept: Kept
    silently: frozenset[str]


def sound(engine: Engine, asked: Iterable[Ask], answers: Mapping[str, Answer], before: Kept) -> Found:
    """Looks at the books from every side: what was there `before` still is, and each request was kept whole or not."""
    scene.locked(engine)
    with reading(engine).begin() as conn:
        book = books.open_book(conn, scene.ID)
        assert service.verify(conn, book) == []
        _totals_zero(conn, book)
        _periods_fit(conn, book)
        rows = conn.execute(select(entry.c.kind, entry.c.reference, entry.c.number)
                            .where(entry.c.partnership_key == book.key))
        kept = {(row.kind, row.reference): row.number for row in rows}
        assert before.items() <= kept.items(), "what was once there is there for good"
        return Found(kept, frozenset(ask.key for ask in asked if _whole(conn, book, ask, answers.get(ask.key), kept)))


def _totals_zero(conn: Connection, book: Book) -> None:
    assert not any(row["amount"] for row in store.balances(conn, book, by=("fund",))), "every fund balances"
    for table, amount in ((posting, posting.c.amount), (movement, movement.c.debit - movement.c.credit)):
        assert not conn.scalar(select(func.sum(amount)).where(table.c.partnership_key == book.key))


def _periods_fit(conn: Connection, book: Book) -> None:
    """Each close left its memorandum and its statement, each reopening its memorandum, and nothing else did."""
    steps = store.status_steps(conn, book)
    notes = Counter((one.entry.kind, one.period) for one in store.memoranda(conn, book, ("close", "reopen",
                                                                                         "statement")))
    issues = Counter(one.period_number for one in statements.issues(conn, book))
    for period in store.periods(conn, book):
        closings = (steps.get(period.number, 0) + 1) // 2
        found = (notes["close", period.id], notes["statement", period.id], issues[period.number])
        assert found == (closings,) * 3, (period, found, closings)
        assert notes["reopen", period.id] == steps.get(period.number, 0) // 2


def _whole(conn: Connection, book: Book, ask: Ask, answer: Answer | None, kept: Kept) -> bool:
    """Whether a request was kept without having been answered. Kept is with all that it makes, and its answer."""
    there = [one in kept for one in ask.makes]
    assert all(there) or not any(there), f"half there: {ask}"
    remembered = store.remembered(conn, book, ask.key)
    if ask.makes:
        assert all(there) == (remembered is not None), f"entries and answer do not go together: {ask}"
    if answer is None:
        return remembered is not None
    assert answer.done == (remembered is not None), f"answered {answer} but kept {remembered}: {ask}"
    if remembered is not None:
        assert (remembered.status, remembered.body) == (answer.status, answer.body)
    if answer.done and ask.path == "/entries":
        assert [(one["reference"], one["id"]) for one in answer.data["entries"]] == [
            (reference, kept[kind, reference]) for kind, reference in ask.makes]
    return False
