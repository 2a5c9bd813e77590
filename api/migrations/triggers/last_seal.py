"""What new rows may not precede, on PostgreSQL: the last seal, found without those before it.

The question for any seal that is not before them could be answered by reading all seals, and it was where the database
had no statistics, or a plan for any number took a third of them to be later. Seals follow one another, so the last has
the highest numbers. Frozen: a correction is a new migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.migrations.triggers.marks import CROSSES, EVERY, WORDS

ENTRY_IS_NEW = """
CREATE OR REPLACE FUNCTION entry_is_new() RETURNS trigger LANGUAGE plpgsql {path} AS $$
DECLARE a record; last batch%ROWTYPE;
BEGIN
  FOR a IN SELECT partnership_key, min(number) AS number, min(batch_number) AS batch_number
             FROM added GROUP BY partnership_key ORDER BY partnership_key LOOP
    PERFORM queue(a.partnership_key);
    SELECT * INTO last FROM batch WHERE partnership_key = a.partnership_key ORDER BY batch_number DESC LIMIT 1;
    IF last.last_entry >= a.number OR last.batch_number >= a.batch_number THEN
      PERFORM refuse('entry_is_new', 'the number or the batch is sealed');
    END IF;
  END LOOP;
  RETURN NULL;
END $$"""

POSTING_IS_NEW = """
CREATE OR REPLACE FUNCTION posting_is_new() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT partnership_key, min(number) AS number FROM added GROUP BY partnership_key) a
              WHERE a.number <= (SELECT last_entry FROM batch b WHERE b.partnership_key = a.partnership_key
                                  ORDER BY b.batch_number DESC LIMIT 1)) THEN
    PERFORM refuse('posting_is_new', 'the entry is sealed');
  END IF;
  RETURN NULL;
END $$"""

MOVEMENT_BY_SEAL = """
CREATE OR REPLACE FUNCTION movement_by_seal() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  IF NEW.batch_number <= (SELECT batch_number FROM batch WHERE partnership_key = NEW.partnership_key
                           ORDER BY batch_number DESC LIMIT 1)
     OR (TG_OP = 'UPDATE' AND (NEW.batch_number <= OLD.batch_number
         OR (NEW.partnership_key, NEW.cell_key, NEW.period_number)
            <> (OLD.partnership_key, OLD.cell_key, OLD.period_number))) THEN
    PERFORM refuse('movement_by_seal', 'balances are written by the seal alone');
  END IF;
  RETURN NEW;
END $$"""

MARK_BY_SEAL = f"""
CREATE OR REPLACE FUNCTION mark_by_seal() RETURNS trigger LANGUAGE plpgsql {{path}}
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM movement m
        JOIN batch b ON b.partnership_key = m.partnership_key AND b.batch_number = NEW.batch_number
       WHERE m.partnership_key = NEW.partnership_key AND m.cell_key = NEW.cell_key
         AND m.period_number = NEW.period_number AND m.batch_number <= NEW.batch_number
         AND m.debit = NEW.debit AND m.credit = NEW.credit AND m.units = NEW.units AND {CROSSES.format(b='b')})
     OR NEW.batch_number < (SELECT batch_number FROM batch WHERE partnership_key = NEW.partnership_key
                             ORDER BY batch_number DESC LIMIT 1) THEN
    PERFORM refuse('mark_by_seal', '{WORDS}');
  END IF;
  RETURN NEW;
END $$"""  # noqa: S608 - fixed words

BATCH_MARKS = f"""
CREATE OR REPLACE FUNCTION batch_marks() RETURNS trigger LANGUAGE plpgsql {{path}} AS $$
DECLARE whole bigint := (NEW.first_entry - 1) / {EVERY} * {EVERY}; since integer := 0;
BEGIN
  IF whole > 0 THEN
    SELECT batch_number INTO since FROM batch
     WHERE partnership_key = NEW.partnership_key AND last_entry >= whole ORDER BY last_entry LIMIT 1;
  END IF;
  INSERT INTO movement_mark (partnership_key, cell_key, period_number, batch_number, debit, credit, units)
    SELECT partnership_key, cell_key, period_number, NEW.batch_number, debit, credit, units
      FROM movement WHERE partnership_key = NEW.partnership_key AND batch_number > since;
  RETURN NULL;
END $$"""  # noqa: S608
"""The mark before is the batch in which the last whole multiple of entries lies."""


def statements(schema: str) -> Iterator[str]:
    """The functions in the place of those there were; their triggers stay."""
    for function in (ENTRY_IS_NEW, POSTING_IS_NEW, MOVEMENT_BY_SEAL, MARK_BY_SEAL, BATCH_MARKS):
        yield function.replace("{path}", f"SET search_path = {schema}, pg_temp")
