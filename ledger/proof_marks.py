"""Whether the marks of the balances are those that follow from the postings, worked out anew by one question."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ledger.model import Book

_COLUMNS = "cell_key, period_number, batch_number, debit, credit, units"
_CROSSING = """SELECT b.batch_number, b.last_entry,
       coalesce(lag(b.last_entry) OVER (ORDER BY b.batch_number), 0) AS after
  FROM batch b WHERE b.partnership_key = :book AND b.last_entry / 2000 > (b.first_entry - 1) / 2000"""
_WORKED_OUT = f"""SELECT cell_key, period_number, batch_number, sum(debit) OVER so_far AS debit,
       sum(credit) OVER so_far AS credit, sum(units) OVER so_far AS units
  FROM (SELECT p.cell_key, e.period_number, k.batch_number,
               sum(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END) AS debit,
               sum(CASE WHEN p.amount < 0 THEN -p.amount ELSE 0 END) AS credit, sum(p.units) AS units
          FROM ({_CROSSING}) k
          JOIN entry e ON e.partnership_key = :book AND e.number > k.after AND e.number <= k.last_entry
          JOIN posting p ON p.partnership_key = :book AND p.number = e.number
         GROUP BY p.cell_key, e.period_number, k.batch_number) AS moved
  WINDOW so_far AS (PARTITION BY cell_key, period_number ORDER BY batch_number)"""  # noqa: S608 - fixed words
_KEPT = f"SELECT {_COLUMNS} FROM movement_mark WHERE partnership_key = :book"  # noqa: S608


def mark_findings(conn: Connection, book: Book, most: int) -> Iterator[str]:
    """Every mark that is missing, one too many, or not what the postings up to it total."""
    pairs = (("is missing or altered", _WORKED_OUT, _KEPT), ("does not follow from the postings", _KEPT, _WORKED_OUT))
    for words, one, other in pairs:
        sql = (f"SELECT DISTINCT batch_number FROM (SELECT {_COLUMNS} FROM ({one}) AS one "  # noqa: S608
               f"EXCEPT SELECT {_COLUMNS} FROM ({other}) AS other) AS differing ORDER BY batch_number LIMIT :most")
        for number in conn.scalars(text(sql), {"book": book.key, "most": most}):
            yield f"a balance kept at the mark of batch {number} {words}"
