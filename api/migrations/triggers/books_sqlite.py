"""What SQLite refuses about the books. Each refusal opens with the name of the rule that it enforces.

REPLACE deletes without firing delete triggers, so each table also refuses an insert that would replace a row, under
the name of the constraint it would have met.
"""

from __future__ import annotations

from collections.abc import Iterator

KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "account": {"pk_account": ("partnership_key", "account_key"),
                "uq_account_partnership_key_path": ("partnership_key", "path")},
    "cell": {"pk_cell": ("partnership_key", "cell_key"),
             "uq_cell_words": ("partnership_key", "account_key", "kind", "fund", "partner", "service", "source",
                               "cost_class")},
    "period": {"pk_period": ("partnership_key", "number"), "uq_period_partnership_key_id": ("partnership_key", "id")},
    "period_status": {"pk_period_status": ("partnership_key", "period_number", "seq")},
    "batch": {"pk_batch": ("partnership_key", "batch_number")},
    "entry": {},  # see entry_is_new
    "posting": {},  # see posting_is_new
    "idempotency": {"pk_idempotency": ("partnership_key", "key")},
    "partnership": {"pk_partnership": ("partnership_key",), "uq_partnership_id": ("id",)},
}

# An entry follows one of the same open batch, or opens a batch as the first after the last seal. It runs for each of
# thousands of entries, so the look-ups stand in WHEN; the body finds the words for the few that do not pass, or open
# a batch.
ENTRY_IS_NEW = """
CREATE TRIGGER entry_is_new BEFORE INSERT ON entry
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE partnership_key = NEW.partnership_key AND number = NEW.number - 1
                    AND batch_number = NEW.batch_number)
  OR EXISTS (SELECT 1 FROM batch WHERE partnership_key = NEW.partnership_key AND batch_number = NEW.batch_number)
  OR EXISTS (SELECT 1 FROM entry WHERE partnership_key = NEW.partnership_key AND kind = NEW.kind
                AND reference = NEW.reference)
  OR NEW.reverses IS NOT NULL
BEGIN
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM entry WHERE partnership_key = NEW.partnership_key AND number = NEW.number - 1
                        AND batch_number = NEW.batch_number) THEN
      CASE WHEN (SELECT foreign_keys FROM pragma_foreign_keys) = 0
             THEN RAISE(ABORT, 'foreign_keys_on: write with PRAGMA foreign_keys = ON')
           WHEN NEW.number <> (SELECT coalesce(max(last_entry), 0) + 1 FROM batch
                                WHERE partnership_key = NEW.partnership_key)
             THEN RAISE(ABORT, 'entry_is_new: it does not follow the last entry')
           WHEN NEW.batch_number <= (SELECT max(batch_number) FROM batch WHERE partnership_key = NEW.partnership_key)
             THEN RAISE(ABORT, 'entry_is_new: the batch is sealed') END
    WHEN EXISTS (SELECT 1 FROM batch WHERE partnership_key = NEW.partnership_key AND batch_number = NEW.batch_number)
      THEN RAISE(ABORT, 'entry_is_new: the number is sealed')
  END;
  SELECT CASE
    WHEN EXISTS (SELECT 1 FROM entry WHERE partnership_key = NEW.partnership_key AND kind = NEW.kind
                    AND reference = NEW.reference)
      THEN RAISE(ABORT, 'uq_entry_partnership_key_kind_reference: there is one already')
    WHEN NEW.reverses IS NOT NULL AND EXISTS (
         SELECT 1 FROM entry WHERE partnership_key = NEW.partnership_key AND reverses = NEW.reverses)
      THEN RAISE(ABORT, 'uq_entry_reverses: there is one already')
  END;
END"""

POSTING_IS_NEW = """
CREATE TRIGGER posting_is_new BEFORE INSERT ON posting
WHEN EXISTS (SELECT 1 FROM batch WHERE partnership_key = NEW.partnership_key AND last_entry >= NEW.number)
BEGIN SELECT RAISE(ABORT, 'posting_is_new: the entry is sealed'); END"""

# What is totalled per entry is read in the order of the entries' key, so that nothing need be sorted; CROSS JOIN and
# the + hold SQLite to that order. Funds are looked into only where the batch moves more than one.
BATCH_SEALS = """
CREATE TRIGGER batch_seals BEFORE INSERT ON batch BEGIN
  SELECT CASE WHEN (SELECT foreign_keys FROM pragma_foreign_keys) = 0
    THEN RAISE(ABORT, 'foreign_keys_on: write with PRAGMA foreign_keys = ON') END;

  SELECT CASE WHEN NOT EXISTS (
      SELECT 1 FROM (SELECT batch_number, last_entry, recorded_at, hash FROM batch
                      WHERE partnership_key = NEW.partnership_key
                      UNION ALL SELECT 0, 0, '', zeroblob(32) ORDER BY 1 DESC LIMIT 1) AS before
       WHERE NEW.batch_number = before.batch_number + 1 AND NEW.first_entry = before.last_entry + 1
         AND NEW.last_entry >= NEW.first_entry AND NEW.recorded_at >= before.recorded_at
         AND NEW.prev_hash = before.hash)
    THEN RAISE(ABORT, 'batch_follows: number, first entry, time or hash do not follow the last batch') END;

  SELECT CASE WHEN NOT (
      SELECT count(*) = NEW.last_entry - NEW.first_entry + 1 AND max(number) = NEW.last_entry
             AND min(batch_number) = NEW.batch_number AND max(batch_number) = NEW.batch_number
        FROM entry WHERE partnership_key = NEW.partnership_key AND number >= NEW.first_entry)
    THEN RAISE(ABORT, 'batch_complete: the entries are not exactly those of this batch') END;

  SELECT CASE WHEN EXISTS (
      SELECT 1 FROM entry e
        LEFT JOIN period p ON p.partnership_key = NEW.partnership_key AND p.number = e.period_number
       WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
         AND (p.number IS NULL OR e.effective_date < p.starts OR e.effective_date > p.ends))
    OR EXISTS (
      SELECT 1 FROM period_status s WHERE s.partnership_key = NEW.partnership_key
         AND s.period_number IN (SELECT e.period_number FROM entry e WHERE e.partnership_key = NEW.partnership_key
                                    AND e.number BETWEEN NEW.first_entry AND NEW.last_entry)
       GROUP BY s.period_number HAVING max(s.seq) % 2 = 1)
    THEN RAISE(ABORT, 'entry_in_open_period: a date lies outside its period, or the period is closed') END;

  SELECT CASE WHEN EXISTS (
      SELECT 1 FROM entry e LEFT JOIN posting p ON p.partnership_key = e.partnership_key AND p.number = +e.number
       WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
       GROUP BY e.number HAVING count(p.line) <> e.line_count OR max(p.line) <> e.line_count OR sum(p.amount) <> 0)
    THEN CASE WHEN EXISTS (
        SELECT 1 FROM entry e LEFT JOIN posting p ON p.partnership_key = e.partnership_key AND p.number = +e.number
         WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
         GROUP BY e.number HAVING count(p.line) <> e.line_count OR max(p.line) <> e.line_count)
      THEN RAISE(ABORT, 'entry_complete: the postings are not lines 1 to line_count')
      ELSE RAISE(ABORT, 'entry_balanced: the postings of an entry do not total zero') END
  END;

  INSERT INTO movement (partnership_key, cell_key, period_number, debit, credit, units, batch_number)
    SELECT NEW.partnership_key, p.cell_key, e.period_number, sum(max(p.amount, 0)), sum(max(-p.amount, 0)),
           sum(p.units), NEW.batch_number
      FROM entry e CROSS JOIN posting p ON p.partnership_key = e.partnership_key AND p.number = +e.number
     WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
     GROUP BY p.cell_key, e.period_number
    ON CONFLICT (partnership_key, cell_key, period_number) DO UPDATE SET
      debit = movement.debit + excluded.debit, credit = movement.credit + excluded.credit,
      units = movement.units + excluded.units, batch_number = excluded.batch_number;

  SELECT CASE WHEN EXISTS (
      SELECT 1 FROM movement m WHERE m.partnership_key = NEW.partnership_key AND m.batch_number = NEW.batch_number
         AND NOT EXISTS (
           SELECT 1 FROM posting p JOIN entry e ON e.partnership_key = p.partnership_key AND e.number = p.number
            WHERE p.partnership_key = m.partnership_key AND p.cell_key = m.cell_key
              AND p.number BETWEEN NEW.first_entry AND NEW.last_entry AND e.period_number = m.period_number))
    THEN RAISE(ABORT, 'movement_by_seal: a balance was written that this batch does not move') END;

  SELECT CASE WHEN (
      SELECT min(c.fund) <> max(c.fund) FROM movement m
        JOIN cell c ON c.partnership_key = m.partnership_key AND c.cell_key = m.cell_key
       WHERE m.partnership_key = NEW.partnership_key AND m.batch_number = NEW.batch_number)
    THEN CASE WHEN EXISTS (
        SELECT 1 FROM posting p JOIN cell c ON c.partnership_key = p.partnership_key AND c.cell_key = p.cell_key
         WHERE p.partnership_key = NEW.partnership_key AND p.number BETWEEN NEW.first_entry AND NEW.last_entry
         GROUP BY p.number, c.fund HAVING sum(p.amount) <> 0)
      THEN RAISE(ABORT, 'entry_balanced_in_fund: the postings of an entry do not total zero in each fund') END
  END;
END"""

MOVEMENT_BY_SEAL = """
CREATE TRIGGER movement_by_seal_{lower} BEFORE {operation} ON movement
WHEN EXISTS (SELECT 1 FROM batch WHERE partnership_key = NEW.partnership_key AND batch_number >= NEW.batch_number)
  OR EXISTS (SELECT 1 FROM movement WHERE partnership_key = NEW.partnership_key AND cell_key = NEW.cell_key
              AND period_number = NEW.period_number AND batch_number >= NEW.batch_number)
BEGIN SELECT RAISE(ABORT, 'movement_by_seal: balances are written by the seal alone'); END"""

MOVEMENT_KEPT = """
CREATE TRIGGER movement_kept BEFORE UPDATE OF partnership_key, cell_key, period_number ON movement
BEGIN SELECT RAISE(ABORT, 'movement_by_seal: balances are written by the seal alone'); END"""

PERIOD_FITS = """
CREATE TRIGGER period_fits BEFORE INSERT ON period
WHEN EXISTS (SELECT 1 FROM period o WHERE o.partnership_key = NEW.partnership_key
              AND NOT ((o.ends < NEW.starts AND o.number < NEW.number)
                    OR (o.starts > NEW.ends AND o.number > NEW.number AND NOT EXISTS (
                        SELECT 1 FROM period_status s WHERE s.partnership_key = o.partnership_key
                           AND s.period_number = o.number GROUP BY s.period_number HAVING max(s.seq) % 2 = 1))))
BEGIN SELECT RAISE(ABORT, 'period_fits: it overlaps another, is out of order, or comes before a closed one'); END"""

PERIOD_STATUS_FOLLOWS = """
CREATE TRIGGER period_status_follows BEFORE INSERT ON period_status BEGIN
  SELECT CASE WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM period_status
      WHERE partnership_key = NEW.partnership_key AND period_number = NEW.period_number)
    THEN RAISE(ABORT, 'period_status_follows: the step does not follow the last one') END;
  SELECT CASE WHEN EXISTS (
      SELECT 1 FROM (SELECT p.number, (SELECT coalesce(max(seq), 0) % 2 FROM period_status s
                       WHERE s.partnership_key = p.partnership_key AND s.period_number = p.number) AS closed
                       FROM period p WHERE p.partnership_key = NEW.partnership_key) AS o
       WHERE (NEW.status = 'closed' AND o.number < NEW.period_number AND o.closed = 0)
          OR (NEW.status = 'open' AND o.number > NEW.period_number AND o.closed = 1))
    THEN RAISE(ABORT, 'period_in_order: close from the earliest, reopen from the latest') END;
END"""


def _never(table: str, operation: str, of: str = "") -> str:
    name = f"{table}_no_{operation.lower()}"
    return (f"CREATE TRIGGER {name} BEFORE {operation}{of} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{name}: what is recorded stays'); END")


def _no_replace(table: str, keys: dict[str, tuple[str, ...]]) -> str:
    cases = "\n".join(
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{c} = NEW.{c}' for c in columns)}) "  # noqa: S608
        f"THEN RAISE(ABORT, '{name}: there is one already')" for name, columns in keys.items())
    return f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} BEGIN SELECT CASE {cases} END; END"


def statements() -> Iterator[str]:
    """Every CREATE TRIGGER, in the order to run them."""
    for table, keys in KEYS.items():
        if keys:
            yield _no_replace(table, keys)
        yield _never(table, "DELETE")
        yield _never(table, "UPDATE", " OF partnership_key, id, currency" if table == "partnership" else "")
    yield _never("movement", "DELETE")
    yield from (ENTRY_IS_NEW, POSTING_IS_NEW, BATCH_SEALS, MOVEMENT_KEPT, PERIOD_FITS, PERIOD_STATUS_FOLLOWS)
    for operation in ("INSERT", "UPDATE"):
        yield MOVEMENT_BY_SEAL.format(operation=operation, lower=operation.lower())
