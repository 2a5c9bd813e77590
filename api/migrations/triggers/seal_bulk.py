"""The seal of many entries on PostgreSQL sums their postings first and joins the sums, which costs less than joining
the postings; the seal of few goes from an entry to its postings, as before.

Frozen: a correction is a new migration.
"""

from __future__ import annotations

from api.migrations.triggers import seal_plans

_START, _END = "  SELECT min(number) FILTER", "  IF incomplete IS NOT NULL"
_MANY = """  IF NEW.last_entry - NEW.first_entry >= 50 THEN
  SELECT min(e.number) FILTER (WHERE (coalesce(p.lines, 0), coalesce(p.top, 0)) <> (e.line_count, e.line_count)),
         min(e.number) FILTER (WHERE p.total <> 0), min(e.number) FILTER (WHERE p.funds)
    INTO incomplete, unbalanced, mixed
    FROM entry e LEFT JOIN (
      SELECT q.number, count(*) AS lines, max(q.line) AS top, sum(q.amount) AS total,
             min(c.fund COLLATE "C") <> max(c.fund COLLATE "C") AS funds
        FROM posting q JOIN cell c ON c.partnership_key = q.partnership_key AND c.cell_key = q.cell_key
       WHERE q.partnership_key = NEW.partnership_key AND c.partnership_key = NEW.partnership_key
         AND q.number BETWEEN NEW.first_entry AND NEW.last_entry
       GROUP BY q.number) p ON p.number = e.number
   WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry;
  ELSE
"""


def statement(schema: str) -> str:
    """The function in the place of the one there was; its trigger stays."""
    before, found, rest = seal_plans.statement(schema).partition(_START)
    few, ended, after = rest.partition(_END)
    assert found, "the seal is the one that the migration before left"
    assert ended, "and ends as it did"
    return f"{before}{_MANY}{_START}{few}  END IF;\n{_END}{after}"
