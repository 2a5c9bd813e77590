"""What a new entry and a new posting may not precede, on PostgreSQL: the last seal, found without those before it.

The question for any seal that is not before them could be answered by reading all of them, and on tables of which the
database had no statistics it was. Seals follow one another, so the last has the highest numbers. Frozen: a correction
is a new migration.
"""

from __future__ import annotations

from collections.abc import Iterator

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


def statements(schema: str) -> Iterator[str]:
    """The functions in the place of those there were; their triggers stay."""
    for function in (ENTRY_IS_NEW, POSTING_IS_NEW):
        yield function.replace("{path}", f"SET search_path = {schema}, pg_temp")
