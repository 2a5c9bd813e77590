"""Balances, now and then, and movements: sums with their words, as far as they are seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Subquery, and_, func, select

from ledger import visibility
from ledger.model import Book, Movement
from ledger.store_chain import last_known
from ledger.store_lines import ON_ACCOUNT
from ledger.store_moved import SUMS, added_up, known, of_days, within
from ledger.tables import WORDS, account, cell

GROUPS = ("account", *WORDS, "period")  # what balances may be broken down by


def movements(conn: Connection, of: Book, first: int | None = None, last: int | None = None,
              upto: int | None = None) -> list[Movement]:
    """What each cell moved in each period from number `first` to `last`, in order of account, words, period.

    `upto`: as it was when that many entries had been recorded; a cell that had not moved by then is left out.
    """
    return _movements(conn, of, added_up(known(conn, of, upto, lambda number: within(number, first, last))))


def totals(conn: Connection, of: Book, last: int, upto: int | None = None) -> list[Movement]:
    """As `movements` of every period up to number `last`, each cell in one sum, whose period is `last`.

    So many are read as there are cells, however many periods have passed.
    """
    parts = known(conn, of, upto, lambda number: within(number, None, last))
    return _movements(conn, of, added_up(parts, last))


def dated_movements(conn: Connection, of: Book, start: dt.date, end: dt.date,
                    upto: int | None = None) -> list[Movement]:
    """As `movements`, of these days (both included): for windows that cut a period."""
    return _movements(conn, of, added_up(of_days(conn, of, start, end, upto)))


def balances(conn: Connection, of: Book, *, at: dt.date | None = None, known_at: dt.datetime | None = None,
             by: Sequence[str] = ("account",)) -> list[dict[str, Any]]:
    """Balances by any of `GROUPS`, at the end of a day and as known at a moment; both default to now.

    Read from the sums of whole periods; a day inside a period adds that period's postings up to it, or takes off those
    after it, whichever are fewer days. Each row has the groups asked for and `debit`, `credit`, `amount` (debit
    positive, minor units) and `units`.
    """
    assert set(by) <= set(GROUPS), "balances are broken down by account, words or period"
    upto = None if known_at is None else last_known(conn, of, known_at)
    parts = of_days(conn, of, dt.date.min, at, upto) if at else known(conn, of, upto, lambda _: [])
    added = added_up(parts, None if "period" in by else 0)
    columns = {"account": account.c.path, "period": added.c.period_number, **{word: cell.c[word] for word in WORDS}}
    groups = [columns[name] for name in by]
    sums = [func.sum(added.c[name]) for name in SUMS]
    query = _joined(of, added, *groups, *sums)
    found = sorted(map(tuple, conn.execute(query.group_by(*groups) if by else query)))
    return [_balance(by, row) for row in found if any(row[len(by):])]


def _balance(by: Sequence[str], row: tuple[Any, ...]) -> dict[str, Any]:
    debit, credit, units = map(int, row[len(by):])
    return {**dict(zip(by, row, strict=False)), "debit": debit, "credit": credit, "amount": debit - credit,
            "units": units}


def _movements(conn: Connection, of: Book, added: Subquery) -> list[Movement]:
    """Sums with their words, those that come to nothing left out."""
    rows = conn.execute(_joined(of, added, account.c.path, *(cell.c[word] for word in WORDS), added.c.period_number,
                                *(added.c[name] for name in SUMS)))
    return sorted((Movement(*row[:8], *map(int, row[8:])) for row in rows if any(row[8:])), key=_in_order)


def _joined(of: Book, added: Subquery, *columns: Any) -> Select[Any]:
    """Sums with their words and accounts, as far as they are seen."""
    on_cell = and_(cell.c.partnership_key == of.key, cell.c.cell_key == added.c.cell_key)
    return (select(*columns).select_from(added).join(cell, on_cell).join(account, ON_ACCOUNT)
            .where(visibility.line(of.partner)))


def _in_order(m: Movement) -> tuple[Any, ...]:
    return (m.account, m.kind, m.fund, m.partner, m.service, m.source, m.cost_class, m.period, m.debit, m.credit,
            m.units)
