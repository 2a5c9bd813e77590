"""The seal of few entries on PostgreSQL goes from each to its own postings also where it adds them to the balances.

Asked for all postings of the batch, in the order of cells, a plan that was made without statistics read the index of
cells, which before PostgreSQL 18 means all of it; and it looked at each entry again for each posting. Frozen: a
correction is a new migration.
"""

from __future__ import annotations

from api.migrations.triggers import seal_bulk

_START, _END = "  INSERT INTO movement (", "  GET DIAGNOSTICS moved"
_FROM, _GROUPED = "      FROM entry e ", "     GROUP BY"
_OWN = """      FROM entry e CROSS JOIN LATERAL (
        SELECT q.cell_key, q.amount, q.units FROM posting q
         WHERE q.partnership_key = NEW.partnership_key AND q.number = e.number
           AND q.line BETWEEN 1 AND e.line_count OFFSET 0) p
     WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
"""


def statement(schema: str) -> str:
    """The function in the place of the one there was; its trigger stays."""
    before, start, rest = seal_bulk.statement(schema).partition(_START)
    many, end, after = rest.partition(_END)
    summed, joined, more = many.partition(_FROM)
    _, grouped, added = more.partition(_GROUPED)
    assert all((start, end, joined, grouped)), "the seal is the one that the migration before left"
    few = f"{start}{summed}{_OWN}{grouped}{added}"
    return (f"{before}  IF NEW.last_entry - NEW.first_entry < 50 THEN\n{few}  ELSE\n{start}{many}  END IF;\n"
            f"{end}{after}")
