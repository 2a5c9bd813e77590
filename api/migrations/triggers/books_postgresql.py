"""What PostgreSQL refuses about the books. Each refusal carries the name of its rule as the constraint's name.

Writers of one partnership queue on its row, so every check sees what the one before committed; that holds at READ
COMMITTED only, and any other isolation is refused. Functions fix their search path, so that a temporary table
cannot stand in for a real one; triggers fire ALWAYS, replication role or not.
"""

from __future__ import annotations

from collections.abc import Iterator

APPEND_ONLY = ("account", "cell", "period", "period_status", "batch", "entry", "posting", "idempotency")

REFUSE = """
CREATE FUNCTION refuse(rule text, words text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: %', rule, words USING ERRCODE = '23514', CONSTRAINT = rule; END $$"""

NEVER = """
CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN PERFORM refuse(TG_NAME::text, 'what is recorded stays'); RETURN NULL; END $$"""

QUEUE = """
CREATE FUNCTION queue(partnership_in integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM refuse('read_committed', 'write at READ COMMITTED');
  END IF;
  PERFORM 1 FROM partnership WHERE partnership_key = partnership_in FOR NO KEY UPDATE;
END $$"""

ENTRY_IS_NEW = """
CREATE FUNCTION entry_is_new() RETURNS trigger LANGUAGE plpgsql {path} AS $$
DECLARE a record;
BEGIN
  FOR a IN SELECT partnership_key, min(number) AS number, min(batch_number) AS batch_number
             FROM added GROUP BY partnership_key ORDER BY partnership_key LOOP
    PERFORM queue(a.partnership_key);
    IF EXISTS (SELECT 1 FROM batch b WHERE b.partnership_key = a.partnership_key
                AND (b.last_entry >= a.number OR b.batch_number >= a.batch_number)) THEN
      PERFORM refuse('entry_is_new', 'the number or the batch is sealed');
    END IF;
  END LOOP;
  RETURN NULL;
END $$"""

POSTING_IS_NEW = """
CREATE FUNCTION posting_is_new() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT partnership_key, min(number) AS number FROM added GROUP BY partnership_key) a
               JOIN batch b ON b.partnership_key = a.partnership_key AND b.last_entry >= a.number) THEN
    PERFORM refuse('posting_is_new', 'the entry is sealed');
  END IF;
  RETURN NULL;
END $$"""

BATCH_SEALS = """
CREATE FUNCTION batch_seals() RETURNS trigger LANGUAGE plpgsql {path}
SET plan_cache_mode = force_custom_plan SET enable_nestloop = on AS $$
DECLARE
  before batch%ROWTYPE; number_of bigint; top bigint; lowest integer; highest integer;
  incomplete bigint; unbalanced bigint; mixed bigint; moved bigint;
BEGIN
  PERFORM queue(NEW.partnership_key);
  IF NEW.last_entry - NEW.first_entry > 500 THEN
    -- The planner has no statistics yet of what this transaction wrote, and would walk it quadratically.
    SET LOCAL enable_nestloop = off;
  END IF;

  SELECT * INTO before FROM batch WHERE partnership_key = NEW.partnership_key ORDER BY batch_number DESC LIMIT 1;
  IF NEW.batch_number <> coalesce(before.batch_number, 0) + 1 OR NEW.first_entry <> coalesce(before.last_entry, 0) + 1
     OR NEW.last_entry < NEW.first_entry OR NEW.recorded_at < coalesce(before.recorded_at, '-infinity')
     OR NEW.prev_hash <> coalesce(before.hash, decode(repeat('00', 32), 'hex')) THEN
    PERFORM refuse('batch_follows', 'number, first entry, time or hash do not follow the last batch');
  END IF;

  SELECT count(*), max(number), min(batch_number), max(batch_number) INTO number_of, top, lowest, highest
    FROM entry WHERE partnership_key = NEW.partnership_key AND number >= NEW.first_entry;
  IF (number_of, top, lowest, highest) IS DISTINCT FROM
     (NEW.last_entry - NEW.first_entry + 1, NEW.last_entry, NEW.batch_number, NEW.batch_number) THEN
    PERFORM refuse('batch_complete', 'the entries are not exactly those of this batch');
  END IF;

  IF EXISTS (
      SELECT 1 FROM (SELECT period_number, min(effective_date) AS earliest, max(effective_date) AS latest FROM entry
                      WHERE partnership_key = NEW.partnership_key
                        AND number BETWEEN NEW.first_entry AND NEW.last_entry GROUP BY period_number) AS dated
        LEFT JOIN period p ON p.partnership_key = NEW.partnership_key AND p.number = dated.period_number
       WHERE p.number IS NULL OR dated.earliest < p.starts OR dated.latest > p.ends
          OR (SELECT coalesce(max(seq), 0) % 2 FROM period_status s
               WHERE s.partnership_key = NEW.partnership_key AND s.period_number = p.number) = 1) THEN
    PERFORM refuse('entry_in_open_period', 'a date lies outside its period, or the period is closed');
  END IF;

  SELECT min(e.number) FILTER (WHERE (coalesce(p.lines, 0), coalesce(p.top, 0)) <> (e.line_count, e.line_count)),
         min(e.number) FILTER (WHERE p.total <> 0), min(e.number) FILTER (WHERE p.funds)
    INTO incomplete, unbalanced, mixed
    FROM entry e LEFT JOIN (
      SELECT q.number, count(*) AS lines, max(q.line) AS top, sum(q.amount) AS total,
             min(c.fund COLLATE "C") <> max(c.fund COLLATE "C") AS funds
        FROM posting q JOIN cell c ON c.partnership_key = q.partnership_key AND c.cell_key = q.cell_key
       WHERE q.partnership_key = NEW.partnership_key AND q.number BETWEEN NEW.first_entry AND NEW.last_entry
       GROUP BY q.number) p ON p.number = e.number
   WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry;
  IF incomplete IS NOT NULL THEN
    PERFORM refuse('entry_complete', format('the postings of entry %s are not lines 1 to line_count', incomplete));
  END IF;
  IF unbalanced IS NOT NULL THEN
    PERFORM refuse('entry_balanced', format('the postings of entry %s do not total zero', unbalanced));
  END IF;
  IF mixed IS NOT NULL AND EXISTS (
      SELECT 1 FROM posting q JOIN cell c ON c.partnership_key = q.partnership_key AND c.cell_key = q.cell_key
       WHERE q.partnership_key = NEW.partnership_key AND q.number BETWEEN mixed AND NEW.last_entry
       GROUP BY q.number, c.fund HAVING sum(q.amount) <> 0) THEN
    PERFORM refuse('entry_balanced_in_fund', 'the postings of an entry do not total zero in each fund');
  END IF;

  INSERT INTO movement (partnership_key, cell_key, period_number, debit, credit, units, batch_number)
    SELECT NEW.partnership_key, p.cell_key, e.period_number, sum(greatest(p.amount, 0)), sum(greatest(-p.amount, 0)),
           sum(p.units), NEW.batch_number
      FROM entry e JOIN posting p ON p.partnership_key = e.partnership_key AND p.number = e.number
     WHERE e.partnership_key = NEW.partnership_key AND e.number BETWEEN NEW.first_entry AND NEW.last_entry
       AND p.partnership_key = NEW.partnership_key AND p.number BETWEEN NEW.first_entry AND NEW.last_entry
     GROUP BY p.cell_key, e.period_number
    ON CONFLICT (partnership_key, cell_key, period_number) DO UPDATE SET
      debit = movement.debit + excluded.debit, credit = movement.credit + excluded.credit,
      units = movement.units + excluded.units, batch_number = excluded.batch_number;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved <> (SELECT count(*) FROM movement
                WHERE partnership_key = NEW.partnership_key AND batch_number = NEW.batch_number) THEN
    PERFORM refuse('movement_by_seal', 'a balance was written that this batch does not move');
  END IF;
  RETURN NEW;
END $$"""

MOVEMENT_BY_SEAL = """
CREATE FUNCTION movement_by_seal() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM batch WHERE partnership_key = NEW.partnership_key AND batch_number >= NEW.batch_number)
     OR (TG_OP = 'UPDATE' AND (NEW.batch_number <= OLD.batch_number
         OR (NEW.partnership_key, NEW.cell_key, NEW.period_number)
            <> (OLD.partnership_key, OLD.cell_key, OLD.period_number))) THEN
    PERFORM refuse('movement_by_seal', 'balances are written by the seal alone');
  END IF;
  RETURN NEW;
END $$"""

PERIOD_FITS = """
CREATE FUNCTION period_fits() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  PERFORM queue(NEW.partnership_key);
  IF EXISTS (SELECT 1 FROM period o WHERE o.partnership_key = NEW.partnership_key
              AND NOT ((o.ends < NEW.starts AND o.number < NEW.number)
                    OR (o.starts > NEW.ends AND o.number > NEW.number AND NOT EXISTS (
                        SELECT 1 FROM period_status s WHERE s.partnership_key = o.partnership_key
                           AND s.period_number = o.number GROUP BY s.period_number HAVING max(s.seq) % 2 = 1)))) THEN
    PERFORM refuse('period_fits', 'it overlaps another, is out of order, or comes before a closed one');
  END IF;
  RETURN NEW;
END $$"""

PERIOD_STATUS_FOLLOWS = """
CREATE FUNCTION period_status_follows() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
  PERFORM queue(NEW.partnership_key);
  IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM period_status
      WHERE partnership_key = NEW.partnership_key AND period_number = NEW.period_number) THEN
    PERFORM refuse('period_status_follows', 'the step does not follow the last one');
  END IF;
  IF EXISTS (
      SELECT 1 FROM (SELECT p.number, (SELECT coalesce(max(seq), 0) % 2 FROM period_status s
                       WHERE s.partnership_key = p.partnership_key AND s.period_number = p.number) AS closed
                       FROM period p WHERE p.partnership_key = NEW.partnership_key) AS o
       WHERE (NEW.status = 'closed' AND o.number < NEW.period_number AND o.closed = 0)
          OR (NEW.status = 'open' AND o.number > NEW.period_number AND o.closed = 1)) THEN
    PERFORM refuse('period_in_order', 'close from the earliest, reopen from the latest');
  END IF;
  RETURN NEW;
END $$"""

FUNCTIONS = (REFUSE, QUEUE, NEVER, ENTRY_IS_NEW, POSTING_IS_NEW, BATCH_SEALS, MOVEMENT_BY_SEAL, PERIOD_FITS,
             PERIOD_STATUS_FOLLOWS)
ADDED = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
CHECKS = {
    ("entry", "entry_is_new"): f"AFTER INSERT ON entry {ADDED} EXECUTE FUNCTION entry_is_new()",
    ("posting", "posting_is_new"): f"AFTER INSERT ON posting {ADDED} EXECUTE FUNCTION posting_is_new()",
    ("batch", "batch_seals"): "BEFORE INSERT ON batch FOR EACH ROW EXECUTE FUNCTION batch_seals()",
    ("movement", "movement_by_seal_insert"):
        "BEFORE INSERT ON movement FOR EACH ROW EXECUTE FUNCTION movement_by_seal()",
    ("movement", "movement_by_seal_update"):
        "BEFORE UPDATE ON movement FOR EACH ROW EXECUTE FUNCTION movement_by_seal()",
    ("period", "period_fits"): "BEFORE INSERT ON period FOR EACH ROW EXECUTE FUNCTION period_fits()",
    ("period_status", "period_status_follows"):
        "BEFORE INSERT ON period_status FOR EACH ROW EXECUTE FUNCTION period_status_follows()",
}


def _trigger(table: str, name: str, what: str) -> Iterator[str]:
    yield f"CREATE TRIGGER {name} {what}"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def statements(schema: str) -> Iterator[str]:
    """Every function and trigger for the tables of `schema`, in the order to run them."""
    for function in FUNCTIONS:
        yield function.replace("{path}", f"SET search_path = {schema}, pg_temp")
    for (table, name), what in CHECKS.items():
        yield from _trigger(table, name, what)
    for table in (*APPEND_ONLY, "movement", "partnership"):
        operations = {"DELETE": "ROW", "TRUNCATE": "STATEMENT"}
        if table in APPEND_ONLY:
            operations["UPDATE"] = "ROW"
        for operation, each in operations.items():
            name = f"{table}_no_{operation.lower()}"
            yield from _trigger(table, name, f"BEFORE {operation} ON {table} FOR EACH {each} EXECUTE FUNCTION never()")
    yield from _trigger("partnership", "partnership_no_update", "BEFORE UPDATE OF partnership_key, id, currency "
                        "ON partnership FOR EACH ROW EXECUTE FUNCTION never()")
