"""The seal of few entries on PostgreSQL goes from each to its own postings also where it adds them to the balances.

Asked for all postings of the batch, in the order of cells, a plan that was made without statistics read the index of
cells, which before PostgreSQL 18 means all of it; and it looked at each entry again for each posting. Frozen: a
correction is a new migration.
"""

from __future__ import annotations

from api.migrations.triggers import seal_bulk

_START, _END = "  INSERT INTO movement (", "  GET DIAGNOSTICS moved"
_FEW = """  IF NEW.last_entry - NEW.first_entry < 50 THEN
  INSERT INTO movement (partnership_key, cell_key, period_number, debit, credit, units, batch_number)
    SELECT NEW.partnership_key, p.cell_key, e.period_number, sum(greatest(p.amount, 0)), sum(greatest(-p.amount, 0)),
           sum(p.units), NEW.batch_number
      FROM entry e CROSS JOIN LATERAL (
        SELECT q.cell_key, q.amount, q.units FROM posting q
         WHERE q.partnership_key = NEW.partnership_key AND q.number = e.number
           AND q.line BETWEEN 1 AND e.line_count OFFSET 0) p
     WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
     GROUP BY p.cell_key, e.period_number
    ON CONFLICT (partnership_key, cell_key, period_number) DO UPDATE SET
      debit = movement.debit + excluded.debit, credit = movement.credit + excluded.credit,
      units = movement.units + excluded.units, batch_number = excluded.batch_number;
  ELSE
"""


def statement(schema: str) -> str:
    """The function in the place of the one there was; its trigger stays."""
    before, found, rest = seal_bulk.statement(schema).partition(_START)
    many, ended, after = rest.partition(_END)
    assert found, "the seal is the one that the migration before left"
    assert ended, "and ends as it did"
    return f"{before}{_FEW}{_START}{many}  END IF;\n{_END}{after}"
