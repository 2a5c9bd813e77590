"""SQL typed straight into either database that would unbalance, edit, delete or back-date is refused, by its rule."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger import service, store
from ledger.constraints import ERRORS, rule_of
from ledger.model import Book
from ledger.tables import metadata
from tests.conftest import NOW, make_book, spending

# The books under attack hold two entries in two batches; cells 1 (beds, fund core) and 2 (its bank), 3 and 4 (fund
# carers) exist. An honest third entry, in words that each attack bends in one place:
ENTRY = ("INSERT INTO entry (partnership_key, number, batch_number, kind, effective_date, period_number, reference, "
         "line_count, content_hash) VALUES (1, {number}, {batch}, 'expenditure', '{date}', {period}, '{reference}', "
         "{lines}, {hash})")
LINE = ("INSERT INTO posting (partnership_key, number, line, cell_key, amount, case_ref, units) "
        "VALUES (1, {number}, {line}, {cell}, {amount}, '', {units})")
SEAL = ("INSERT INTO batch (partnership_key, batch_number, first_entry, last_entry, recorded_at, prev_hash, hash) "
        "VALUES (1, {batch}, {first}, {last}, '{at}', {previous}, {hash})")
MOVE = ("INSERT INTO movement (partnership_key, cell_key, period_number, debit, credit, units, batch_number) "
        "VALUES (1, {cell}, {period}, 5, 0, 0, {batch})")
STATUS = ("INSERT INTO period_status (partnership_key, period_number, seq, status, reason, recorded_at) "
          "VALUES (1, {period}, {seq}, '{status}', '{reason}', '2024-10-01T09:00:00.000000+00:00')")
PERIOD = "INSERT INTO period VALUES (1, {number}, '{id}', '{starts}', '{ends}')"


def entry(number: int = 3, batch: int = 3, date: str = "2024-07-05", period: int = 202402, reference: str = "new",
          lines: int = 2, hash: str = "[32]") -> str:  # noqa: A002
    return ENTRY.format(**locals())


def line(number: int = 3, line: int = 1, cell: int = 1, amount: int = 100, units: int = 0) -> str:
    return LINE.format(**locals())


def seal(batch: int = 3, first: int = 3, last: int = 3, at: str = "2024-10-02T09:00:00.000000+00:00",
         previous: str = "[head]", hash: str = "[32]") -> str:  # noqa: A002
    return SEAL.format(**locals())


TWO_LINES = (line(), line(line=2, cell=2, amount=-100))
HONEST = (entry(), *TWO_LINES, seal())
MANY = 64  # entries, the last of a batch that is sealed as many are


def among_many(statements: tuple[str, ...]) -> tuple[str, ...]:
    """The third entry and its seal, with others after it under the same seal that are honest."""
    others = [sql for n in range(4, MANY + 1)
              for sql in (entry(n, reference=f"n{n}"), line(n), line(n, line=2, cell=2, amount=-100))]
    return (*statements[:-1], *others, seal(last=MANY))


# name of the attack: (rule that refuses it, the statements)
ATTACKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "an entry that does not balance": (
        "entry_balanced", (entry(), line(), line(line=2, cell=2, amount=-99), seal())),
    "an entry that balances only across funds": (
        "entry_balanced_in_fund", (entry(), line(), line(line=2, cell=4, amount=-100), seal())),
    "an entry with one line of money": (
        "entry_balanced", (entry(lines=1), line(), seal())),
    "fewer lines than the entry says": ("entry_complete", (entry(lines=3), *TWO_LINES, seal())),
    "more lines than the entry says": ("entry_complete", (entry(lines=1), *TWO_LINES, seal())),
    "lines with a gap": ("entry_complete", (entry(), line(), line(line=3, cell=2, amount=-100), seal())),
    "a line numbered 0": ("ck_posting_line", (entry(), line(line=0))),
    "a mark of a balance, typed by hand": (
        "mark_by_seal", ("INSERT INTO movement_mark VALUES (1, 1, 202401, 2, 5, 0, 0)",)),
    "a line of nothing": ("ck_posting_not_empty", (entry(), line(amount=0))),
    "a line beyond any amount": ("ck_posting_amount", (entry(), line(amount=10**15 + 1))),
    "a line of an unknown cell": ("fk_posting_cell", (entry(), line(cell=99), seal())),
    "a line of no entry": ("fk_posting_entry", (line(number=9),)),
    "an entry that is never sealed": ("fk_entry_batch", (entry(), *TWO_LINES)),
    "an unsealed entry filed under an old batch": ("entry_is_new", (entry(batch=1),)),
    "an entry under an old number": ("entry_is_new|pk_entry", (entry(number=2),)),
    "an entry numbered 0": ("entry_is_new|ck_entry_number", (entry(number=0),)),
    "a line added to an old entry": ("posting_is_new", (line(number=1, line=3),)),
    "a gap in the numbers": (
        "batch_complete|entry_is_new", (entry(number=4), line(number=4), line(4, 2, 2, -100), seal(last=4))),
    "a gap in the numbers that the seal shares": (
        "batch_follows|entry_is_new", (entry(number=4), line(number=4), line(4, 2, 2, -100), seal(first=4, last=4))),
    "an entry beyond the seal": ("batch_complete", (entry(), *TWO_LINES, entry(number=4, reference="more", lines=0),
                                                    seal())),
    "a seal over nothing": ("batch_complete", (seal(),)),
    "an empty seal": ("batch_follows", (entry(), *TWO_LINES, seal(last=2))),
    "a seal out of turn": ("batch_follows", (entry(batch=4), *TWO_LINES, seal(batch=4))),
    "a second seal over the same entries": ("batch_follows", (seal(batch=2, first=2, last=2),)),
    "a seal with a wrong link": ("batch_follows", (entry(), *TWO_LINES, seal(previous="[32]"))),
    "a seal dated before the last one": (
        "batch_follows", (entry(), *TWO_LINES, seal(at="2024-01-01T09:00:00.000000+00:00"))),
    "a seal with a short hash": ("ck_batch_hash", (entry(), *TWO_LINES, seal(hash="[31]"))),
    "an entry with a short hash": ("ck_entry_content_hash", (entry(hash="[31]"),)),
    "an entry dated into the closed period": (
        "entry_in_open_period", (entry(date="2024-05-05", period=202401), *TWO_LINES, seal())),
    "a date in the closed period filed under an open one": (
        "entry_in_open_period", (entry(date="2024-05-05"), *TWO_LINES, seal())),
    "a date outside the calendar": (
        "entry_in_open_period", (entry(date="2031-05-05", period=203101), *TWO_LINES, seal())),
    "a reference used before": ("uq_entry_partnership_key_kind_reference", (entry(reference="a"),)),
    "an entry without a reference": ("ck_entry_reference", (entry(reference=""),)),
    "a second reversal of one entry": ("uq_entry_reverses", (
        entry(lines=0).replace("line_count,", "line_count, reverses,").replace("0, [32]", "0, 1, [32]"),
        entry(4, 3, reference="again", lines=0).replace("line_count,", "line_count, reverses,")
        .replace("0, [32]", "0, 1, [32]"))),
    "a reversal of what is not there": ("ck_entry_reverses_an_earlier_one", (
        entry(lines=0).replace("line_count,", "line_count, reverses,").replace("0, [32]", "0, 3, [32]"),)),
    "edit an amount": ("posting_no_update", ("UPDATE posting SET amount = amount * 2 WHERE number = 1",)),
    "edit an entry": ("entry_no_update", ("UPDATE entry SET effective_date = '2024-07-01' WHERE number = 1",)),
    "edit a seal": ("batch_no_update", ("UPDATE batch SET recorded_at = '2024-01-01T09:00:00.000000+00:00'",)),
    "edit a cell": ("cell_no_update", ("UPDATE cell SET partner = 'nhs'",)),
    "rename an account": ("account_no_update", (
        "UPDATE account SET path = 'assets:bank:mine' WHERE account_key = 1",)),
    "stretch a period": ("period_no_update", ("UPDATE period SET ends = '2024-12-31' WHERE number = 202401",)),
    "edit a period's status": ("period_status_no_update", ("UPDATE period_status SET status = 'open'",)),
    "edit an answer": ("idempotency_no_update", ("UPDATE idempotency SET status = 500",)),
    "change the currency": ("partnership_no_update", ("UPDATE partnership SET currency = 'ISK'",)),
    "delete a line": ("posting_no_delete", ("DELETE FROM posting WHERE number = 2 AND line = 1",)),
    "delete an entry": ("entry_no_delete", ("DELETE FROM entry WHERE number = 2",)),
    "delete a seal": ("batch_no_delete", ("DELETE FROM batch WHERE batch_number = 1",)),
    "delete a cell": ("cell_no_delete", ("DELETE FROM cell WHERE cell_key = 4",)),
    "delete an account": ("account_no_delete", ("DELETE FROM account WHERE account_key = 6",)),
    "delete a period": ("period_no_delete", ("DELETE FROM period WHERE number = 202403",)),
    "reopen by deleting the status": ("period_status_no_delete", ("DELETE FROM period_status",)),
    "delete an answer": ("idempotency_no_delete", ("DELETE FROM idempotency",)),
    "delete the partnership": ("partnership_no_delete", ("DELETE FROM partnership",)),
    "raise a balance": ("movement_by_seal", ("UPDATE movement SET debit = debit + 5 WHERE cell_key = 1",)),
    "raise a balance in the name of the next batch": (
        "fk_movement_batch", ("UPDATE movement SET debit = debit + 5, batch_number = 3 WHERE cell_key = 3",)),
    "raise a balance, and seal a batch that does not move it": (
        "movement_by_seal",
        ("UPDATE movement SET debit = debit + 5, batch_number = 3 WHERE cell_key = 3", *HONEST)),
    "raise a balance, and seal a batch that moves it too": (
        "movement_by_seal",
        ("UPDATE movement SET debit = debit + 5, batch_number = 3 WHERE cell_key = 1",
         entry(), *TWO_LINES, seal().replace("'2024-10-02", "'2024-10-03"))),
    "a balance out of nothing": ("movement_by_seal", (MOVE.format(cell=1, period=202403, batch=1),)),
    "a balance out of nothing, in the name of the next batch": (
        "movement_by_seal", (MOVE.format(cell=1, period=202403, batch=3), *HONEST)),
    "give a balance to another cell": ("movement_by_seal", ("UPDATE movement SET cell_key = 5 WHERE cell_key = 1",)),
    "delete a balance": ("movement_no_delete", ("DELETE FROM movement WHERE cell_key = 1",)),
    "close a period before an earlier one": (
        "period_in_order", (STATUS.format(period=202403, seq=1, status="closed", reason=""),)),
    "reopen a period before a later one": (
        "period_in_order", (STATUS.format(period=202402, seq=1, status="closed", reason=""),
                            STATUS.format(period=202401, seq=2, status="open", reason="why"))),
    "reopen what is open": (
        "ck_period_status_alternates", (STATUS.format(period=202402, seq=1, status="open", reason="why"),)),
    "reopen without a reason": (
        "ck_period_status_reason", (STATUS.format(period=202401, seq=2, status="open", reason=""),)),
    "reopen out of turn": (
        "period_status_follows", (STATUS.format(period=202401, seq=4, status="open", reason="why"),)),
    "a period that overlaps": (
        "period_fits", (PERIOD.format(number=202404, id="X", starts="2024-12-31", ends="2025-03-31"),)),
    "a period before a closed one": (
        "period_fits", (PERIOD.format(number=202304, id="X", starts="2024-01-01", ends="2024-03-31"),)),
    "a period out of order": (
        "period_fits", (PERIOD.format(number=202300, id="X", starts="2025-01-01", ends="2025-03-31"),)),
    "a period that ends before it starts": (
        "ck_period_starts_before_it_ends",
        (PERIOD.format(number=202404, id="X", starts="2025-03-31", ends="2025-01-01"),)),
    "an account of no kind": ("ck_account_root", ("INSERT INTO account VALUES (1, 99, 'money:mine')",)),
    "an account twice": (
        "uq_account_partnership_key_path", ("INSERT INTO account VALUES (1, 99, 'assets:bank:core')",)),
    "a partnership twice": ("uq_partnership_id", ("INSERT INTO partnership VALUES (2, 'northshire', 'N', 'GBP')",)),
    "a second answer to a request": ("pk_idempotency", (
        "INSERT INTO idempotency VALUES (1, 'key', [32], 200, [32], '2024-10-01T09:00:00.000000+00:00')",)),
}

ON_SQLITE: dict[str, tuple[str, tuple[str, ...]]] = {
    "replace a line": ("posting_is_new", (line(number=1).replace("INSERT", "INSERT OR REPLACE"),)),
    "replace an entry": ("entry_is_new", (entry(number=1).replace("INSERT", "INSERT OR REPLACE"),)),
    "replace an entry by its reference": (
        "uq_entry_partnership_key_kind_reference", (entry(reference="a").replace("INSERT", "INSERT OR REPLACE"),)),
    "replace a seal": (
        "pk_batch|batch_follows", (seal(batch=1, first=1, last=2).replace("INSERT", "INSERT OR REPLACE"),)),
    "replace a cell by its words": (
        "uq_cell_words", ("INSERT OR REPLACE INTO cell SELECT partnership_key, 9, account_key, kind, fund, partner, "
                          "service, source, cost_class FROM cell WHERE cell_key = 1",)),
    "replace an account": ("pk_account", ("INSERT OR REPLACE INTO account VALUES (1, 1, 'assets:bank:mine')",)),
    "replace a period": (
        "pk_period|period_fits", (PERIOD.format(number=202401, id="X", starts="2020-01-01", ends="2020-03-31")
                      .replace("INSERT", "INSERT OR REPLACE"),)),
    "replace a status": (
        "pk_period_status|period_status_follows", (STATUS.format(period=202401, seq=1, status="closed", reason="x")
                             .replace("INSERT", "INSERT OR REPLACE"),)),
    "replace an answer": ("pk_idempotency", (
        "INSERT OR REPLACE INTO idempotency VALUES (1, 'key', [32], 200, [32], '2024-10-01T09:00:00.000000+00:00')",)),
    "replace a partnership": (
        "pk_partnership", ("INSERT OR REPLACE INTO partnership VALUES (1, 'south', 'S', 'GBP')",)),
    "replace a balance": (
        "movement_by_seal", (MOVE.format(cell=1, period=202401, batch=1).replace("INSERT", "INSERT OR REPLACE"),)),
    "replace a balance in the name of the next batch": (
        "movement_by_seal", (MOVE.format(cell=3, period=202401, batch=3).replace("INSERT", "INSERT OR REPLACE"),
                             *HONEST)),
    "have the seal's refusal ignored": (
        "entry_balanced",
        (entry(), line(), line(line=2, cell=2, amount=-99), seal().replace("INSERT", "INSERT OR IGNORE"))),
    "have the seal itself ignored": (
        "", (entry(), *TWO_LINES, seal(hash="[31]").replace("INSERT", "INSERT OR IGNORE"))),
    "update over a conflict": ("posting_no_update", ("UPDATE OR REPLACE posting SET line = 2 WHERE line = 1",)),
    "switch foreign keys off and leave an entry unsealed": ("foreign_keys_on", (entry(),)),
    "an amount that is text": ("", (entry(), line().replace("100", "'much'"))),
}

ON_POSTGRESQL: dict[str, tuple[str, tuple[str, ...]]] = {
    **{f"truncate {table}": (f"{table}_no_truncate", (f"TRUNCATE {table} CASCADE",))
       for table in ("posting", "movement", "idempotency", "period_status")},
    "switch triggers off by role": (
        "posting_no_update", ("SET LOCAL session_replication_role = replica", "UPDATE posting SET amount = 1")),
    "unbalance with triggers off by role": (
        "entry_balanced", ("SET LOCAL session_replication_role = replica", entry(), line(),
                           line(line=2, cell=2, amount=-99), seal())),
    "shadow a table": (
        "entry_in_open_period", (
            "CREATE TEMPORARY TABLE period_status (partnership_key integer, period_number integer, seq integer)",
            entry(date="2024-05-05", period=202401), *TWO_LINES, seal())),
    "write from an older view of the books": (
        "read_committed", ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", *HONEST)),
}


def run(conn: Connection, book: Book, statements: tuple[str, ...]) -> None:
    """Runs statements as somebody would type them, and commits."""
    head = store.head(conn, book).hash
    conn.rollback()
    quote = (lambda digest: f"x'{digest}'") if conn.dialect.name == "sqlite" else (lambda d: f"'\\x{d}'::bytea")
    for sql in statements:
        for word, digest in (("[head]", head), ("[32]", "ab" * 32), ("[31]", "ab" * 31)):
            sql = sql.replace(word, quote(digest))
        conn.exec_driver_sql(sql)
    conn.commit()


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the books."""
    with engine.connect() as conn:
        return {t.name: sorted(map(repr, conn.execute(t.select()))) for t in metadata.sorted_tables  # type: ignore[misc]
                if conn.dialect.has_table(conn, t.name)}


def besiege(conn: Connection) -> Book:
    """Books with two entries, each in a batch of its own, and a closed first quarter."""
    made = make_book(conn)
    service.post(conn, made, [spending("a", 100)], NOW)
    service.post(conn, made, [spending("b", 20, fund="carers")], NOW)
    conn.exec_driver_sql(STATUS.format(period=202401, seq=1, status="closed", reason=""))
    store.remember(conn, made, "key", b"hash", 200, b"{}", NOW)
    return made


@pytest.fixture
def besieged(engine: Engine) -> Book:
    """The books under attack."""
    with engine.begin() as conn:
        return besiege(conn)


def attack(engine: Engine, book: Book, rule: str, statements: tuple[str, ...]) -> None:
    """The statements are refused, by the rule; and the books are as they were, to the last row."""
    before = contents(engine)
    with engine.connect() as conn, pytest.raises(DBAPIError) as caught:
        run(conn, book, statements)
    # Where several rules stand in the way, which one is met first is the database's own affair. SQLite does not
    # name foreign keys.
    rules = rule.split("|")
    named = rule_of(caught.value)
    assert named in rules or (rule.startswith("fk_") and "FOREIGN KEY" in str(caught.value.orig))
    assert not rule or ERRORS.keys() >= set(rules)
    assert contents(engine) == before


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(engine: Engine, besieged: Book, name: str) -> None:
    attack(engine, besieged, *ATTACKS[name])


@pytest.mark.parametrize("name", [name for name, (rule, _) in ATTACKS.items() if rule in (
    "entry_balanced", "entry_balanced_in_fund", "entry_complete", "entry_in_open_period")])
def test_attack_in_a_crowd_is_refused(engine: Engine, besieged: Book, name: str) -> None:
    """PostgreSQL asks other questions of many entries than of few."""
    rule, statements = ATTACKS[name]
    attack(engine, besieged, rule, among_many(statements))


@pytest.mark.parametrize("name", ON_SQLITE)
def test_attack_on_sqlite_is_refused(sqlite_engine: Engine, name: str) -> None:
    with sqlite_engine.begin() as conn:
        book = besiege(conn)
    if "foreign keys off" in name:
        with sqlite_engine.connect() as conn:
            conn.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
    attack(sqlite_engine, book, *ON_SQLITE[name])


@pytest.mark.parametrize("name", ON_POSTGRESQL)
def test_attack_on_postgresql_is_refused(postgres_engine: Engine, name: str) -> None:
    with postgres_engine.begin() as conn:
        book = besiege(conn)
    attack(postgres_engine, book, *ON_POSTGRESQL[name])


def test_honest_sql_is_accepted(engine: Engine, besieged: Book) -> None:
    with engine.connect() as conn:
        run(conn, besieged, HONEST)
        assert store.head(conn, besieged).entries == 3
        assert {m.amount for m in store.movements(conn, besieged, 202402)} == {100, -100}


def test_honest_sql_of_many_entries_is_accepted(engine: Engine, besieged: Book) -> None:
    with engine.connect() as conn:
        run(conn, besieged, among_many(HONEST))
        assert store.head(conn, besieged).entries == MANY
        assert {m.amount for m in store.movements(conn, besieged, 202402)} == {100 * (MANY - 2), -100 * (MANY - 2)}
