"""What one partner may see of the books that it shares with others: the one place that says so.

- **A line** is seen when neither its words nor its account name another partner. Sums (balances, movements) are over
  the lines that are seen.
- **An entry** is seen, by number, date, kind and period, when one of its lines is. Its reference, memo, details and
  content hash are seen only when *all* its lines are and its details name no other partner; else they are withheld.
- **A memorandum** (an entry without lines) is seen when its details name no other partner, unless it undoes another
  or is of a kind that speaks of other entries (`SPEAKS_OF_OTHERS`).
- What was applied as an agreement is every partner's. Of a statement a partner gets its extract (`exports.extract`),
  never the document. Answers kept for repetition, keys, people and proposals are nobody's but the server's.

`Book.partner` says whose eyes look: `ledger.store` puts these conditions into every query on what is shared. On
PostgreSQL `api.row_security` says the same again as policies of the database; on SQLite, where whoever can open the
file can read it, this module is all there is. Every function takes the partner's id; none is asked for the empty one,
which is everybody's view.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from ledger.tables import account, cell, entry, posting

WITHHELD = "(withheld)"
"""What stands in place of a text that a partner may not see."""
SPEAKS_OF_OTHERS = ("approval", "release")
"""Memoranda whose texts quote an entry that may be another partner's."""
NAMES_OWNER = ("assets:contributions-receivable", "assets:due-from", "assets:claims", "liabilities:due-to",
               "liabilities:repayable", "liabilities:recipients", "income:contributions", "income:risk-share",
               "income:cost-share")
"""Accounts whose path goes on with the name of whom they are of; reserves name it after the reserve."""
DETAILS_NAME = ("partner", "beneficiary")
"""Where an entry's details name a partner."""


class owner_of(GenericFunction[str]):  # noqa: N801 - reads as the SQL function that it is
    """Whom an account is of by its path; empty where it is nobody's."""

    type = Text()
    inherit_cache = True


class detail(GenericFunction[str]):  # noqa: N801
    """One text out of an entry's details; NULL where they lack it."""

    type = Text()
    inherit_cache = True


@compiles(owner_of, "postgresql")
def _owner_postgresql(element: owner_of, compiler: Any, **more: Any) -> str:
    path = compiler.process(element.clauses, **more)
    start = f"split_part({path}, ':', 1)"
    named = ", ".join(f"'{name}'" for name in NAMES_OWNER)
    return (f"CASE WHEN {start} = 'reserves' OR {start} || ':' || split_part({path}, ':', 2) IN ({named}) "
            f"THEN split_part({path}, ':', 3) ELSE '' END")


@compiles(owner_of, "sqlite")
def _owner_sqlite(element: owner_of, compiler: Any, **more: Any) -> str:
    path = compiler.process(element.clauses, **more)
    rest = path
    for _ in range(2):
        rest = f"substr({rest}, instr({rest}, ':') + 1)"
    named = " OR ".join(f"{path} GLOB '{name}:*'" for name in (*NAMES_OWNER, "reserves:*"))
    return f"CASE WHEN {named} THEN substr({rest}, 1, instr({rest} || ':', ':') - 1) ELSE '' END"


@compiles(detail, "postgresql")
def _detail_postgresql(element: detail, compiler: Any, **more: Any) -> str:
    details, name = (compiler.process(one, **more) for one in element.clauses)
    return f"(CAST(nullif({details}, '') AS json) ->> {name})"


@compiles(detail, "sqlite")
def _detail_sqlite(element: detail, compiler: Any, **more: Any) -> str:
    details, name = (compiler.process(one, **more) for one in element.clauses)
    return f"json_extract(nullif({details}, ''), '$.' || {name})"


def line(partner: str) -> ColumnElement[bool]:
    """Whether a line is seen: a condition on `cell` and `account`."""
    if not partner:
        return true()
    return and_(cell.c.partner.in_(("", partner)), path(partner))


def path(partner: str) -> ColumnElement[bool]:
    """Whether an account is seen: a condition on `account`."""
    return owner_of(account.c.path).in_(("", partner)) if partner else true()


def header(partner: str) -> ColumnElement[bool]:
    """Whether an entry is seen at all: a condition on `entry`."""
    if not partner:
        return true()
    return and_(_plain(), or_(and_(_memorandum(), _details(partner)), _lines_seen(partner) > 0))


def whole(partner: str) -> ColumnElement[bool]:
    """Whether an entry is seen with its texts: a condition on `entry`."""
    if not partner:
        return true()
    seen = or_(_memorandum(), and_(entry.c.line_count > 0, _lines_seen(partner) == entry.c.line_count))
    return and_(_plain(), _details(partner), seen)


def statement(partner: str) -> ColumnElement[bool]:
    """Whether an issued document is seen as it is."""
    return false() if partner else true()


def _plain() -> ColumnElement[bool]:
    return entry.c.kind.not_in(SPEAKS_OF_OTHERS)


def _memorandum() -> ColumnElement[bool]:
    return and_(entry.c.line_count == 0, entry.c.reverses.is_(None))


def _details(partner: str) -> ColumnElement[bool]:
    return and_(*(func.coalesce(detail(entry.c.details, name), "").in_(("", partner)) for name in DETAILS_NAME))


def _lines_seen(partner: str) -> ColumnElement[int]:
    p, c, a = posting.c, cell.c, account.c
    return (select(func.count()).select_from(posting)
            .join(cell, and_(c.partnership_key == p.partnership_key, c.cell_key == p.cell_key))
            .join(account, and_(a.partnership_key == c.partnership_key, a.account_key == c.account_key))
            .where(p.partnership_key == entry.c.partnership_key, p.number == entry.c.number, line(partner))
            .correlate(entry).scalar_subquery())
