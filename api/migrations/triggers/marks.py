"""Marks: the seal that brings the books to another 2,000 entries keeps the balances that changed since the last mark.

A mark that somebody writes by hand must say what the balance is, after the last batch; so it can be one too many, but
never wrong. Append-only like the rest of the books. Frozen: a correction is a new migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.migrations.triggers import append_only

EVERY = 2000
KEY = ("partnership_key", "cell_key", "period_number", "batch_number")
CROSSES = "{b}.last_entry / 2000 > ({b}.first_entry - 1) / 2000"  # whole numbers: both databases cut off the rest

MARK = f"""INSERT INTO movement_mark (partnership_key, cell_key, period_number, batch_number, debit, credit, units)
  SELECT m.partnership_key, m.cell_key, m.period_number, NEW.batch_number, m.debit, m.credit, m.units
    FROM movement m WHERE m.partnership_key = NEW.partnership_key AND m.batch_number > coalesce((
         SELECT b.batch_number FROM batch b WHERE b.partnership_key = NEW.partnership_key
            AND b.batch_number < NEW.batch_number AND {CROSSES.format(b='b')}
          ORDER BY b.batch_number DESC LIMIT 1), 0);"""  # noqa: S608 - fixed words

UNTRUE = f"""NOT EXISTS (
  SELECT 1 FROM movement m JOIN batch b ON b.partnership_key = m.partnership_key AND b.batch_number = NEW.batch_number
   WHERE m.partnership_key = NEW.partnership_key AND m.cell_key = NEW.cell_key
     AND m.period_number = NEW.period_number AND m.batch_number <= NEW.batch_number
     AND m.debit = NEW.debit AND m.credit = NEW.credit AND m.units = NEW.units AND {CROSSES.format(b='b')})
  OR EXISTS (SELECT 1 FROM batch b WHERE b.partnership_key = NEW.partnership_key
                AND b.batch_number > NEW.batch_number)"""  # noqa: S608

WORDS = "a mark says what the balance is after the last batch"

SQLITE = (
    f"CREATE TRIGGER batch_marks AFTER INSERT ON batch WHEN {CROSSES.format(b='NEW')} BEGIN {MARK} END",
    f"CREATE TRIGGER mark_by_seal BEFORE INSERT ON movement_mark WHEN {UNTRUE} "
    f"BEGIN SELECT RAISE(ABORT, 'mark_by_seal: {WORDS}'); END")

POSTGRESQL = (
    f"""CREATE FUNCTION batch_marks() RETURNS trigger LANGUAGE plpgsql {{path}} AS $$
BEGIN {MARK} RETURN NULL; END $$""",
    f"""CREATE FUNCTION mark_by_seal() RETURNS trigger LANGUAGE plpgsql {{path}} AS $$
BEGIN IF {UNTRUE} THEN PERFORM refuse('mark_by_seal', '{WORDS}'); END IF; RETURN NEW; END $$""",
    f"""CREATE TRIGGER batch_marks AFTER INSERT ON batch FOR EACH ROW WHEN ({CROSSES.format(b='NEW')})
  EXECUTE FUNCTION batch_marks()""",
    "ALTER TABLE batch ENABLE ALWAYS TRIGGER batch_marks",
    "CREATE TRIGGER mark_by_seal BEFORE INSERT ON movement_mark FOR EACH ROW EXECUTE FUNCTION mark_by_seal()",
    "ALTER TABLE movement_mark ENABLE ALWAYS TRIGGER mark_by_seal")

BEFORE = f"""INSERT INTO movement_mark (partnership_key, cell_key, period_number, batch_number, debit, credit, units)
  SELECT partnership_key, cell_key, period_number, batch_number, sum(debit) OVER so_far, sum(credit) OVER so_far,
         sum(units) OVER so_far
    FROM (SELECT e.partnership_key, p.cell_key, e.period_number, k.batch_number,
                 sum(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END) AS debit,
                 sum(CASE WHEN p.amount < 0 THEN -p.amount ELSE 0 END) AS credit, sum(p.units) AS units
            FROM (SELECT b.partnership_key, b.batch_number, b.last_entry,
                         coalesce(lag(b.last_entry) OVER (PARTITION BY b.partnership_key ORDER BY b.batch_number), 0)
                         AS after FROM batch b WHERE {CROSSES.format(b='b')}) k
            JOIN entry e ON e.partnership_key = k.partnership_key AND e.number > k.after AND e.number <= k.last_entry
            JOIN posting p ON p.partnership_key = e.partnership_key AND p.number = e.number
           GROUP BY e.partnership_key, p.cell_key, e.period_number, k.batch_number) AS moved
  WINDOW so_far AS (PARTITION BY partnership_key, cell_key, period_number ORDER BY batch_number)"""  # noqa: S608
"""The marks of what was recorded before there were any; to be run before the triggers are made."""


def statements(dialect: str, schema: str = "") -> Iterator[str]:
    """The marks there should be already, and every trigger, in the order to run them."""
    yield BEFORE
    yield from append_only.statements(dialect, "movement_mark", KEY)
    if dialect == "sqlite":
        yield from SQLITE
    else:
        yield from (sql.replace("{path}", f"SET search_path = {schema}, pg_temp").replace("%", "%%")
                    for sql in POSTGRESQL)
