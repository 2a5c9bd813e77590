"""On PostgreSQL a partner's own login gets nothing of another partner, whatever it types; the server alters nothing."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from api import row_security
from api.access import keys, logins
from api.access.refusals import LoginTooStrong, LoginUnknown
from api.access.rights import ROLES
from api.app import create_app
from api.database import connect, migrate
from api.settings import Settings
from ledger import service, store
from ledger.constraints import translated
from ledger.model import Book, Entry, Posting
from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, YAML, entry
from tests.api.conftest import SECRET as SECRET_KEY
from tests.conftest import NOW, make_book, spending
from tests.ledger.partners import SECRET, SHARED, partners_entries

_names = itertools.count(1)
Login = Callable[..., Engine]


@pytest.fixture
def books(postgres_engine: Engine) -> Book:
    """Two partnerships' books, each with what is common, what is the council's and what is the NHS's."""
    return fill(postgres_engine)


def fill(engine: Engine) -> Book:
    with engine.begin() as conn:
        for id_ in ("northshire", "elsewhere"):
            book = make_book(conn, id_)
            service.open_accounts(conn, book, [
                "assets:contributions-receivable:nhs", f"income:contributions:nhs:{SECRET}",
                "assets:contributions-receivable:council"])
            service.post(conn, book, partners_entries(), NOW)
            conn.execute(text("INSERT INTO idempotency VALUES (:key, 'k', decode(repeat('00', 32), 'hex'), 200, "
                              ":body, now())"), {"key": book.key, "body": SECRET.encode()})
        return store.book(conn, "northshire")


@pytest.fixture
def login(postgres_engine: Engine, postgres_url: str, books: Book) -> Iterator[Login]:
    """Signs in as a new login: of a partner, or in a group role."""
    made: list[tuple[str, Engine]] = []

    def sign_in(partner: str = "", group: str = "") -> Engine:
        name = f"pb_login_{os.getpid()}_{next(_names)}"
        with postgres_engine.begin() as conn:
            conn.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'of the tests'")
            if partner:
                assert not logins.grant(conn, books, name, partner)
            if group:
                conn.exec_driver_sql(f"GRANT {group} TO {name}")
        engine = connect(make_url(postgres_url).set(username=name, password="of the tests")
                         .render_as_string(hide_password=False))
        made.append((name, engine))
        return engine

    yield sign_in
    for name, engine in made:
        engine.dispose()
        with postgres_engine.begin() as conn:
            conn.exec_driver_sql(f"REASSIGN OWNED BY {name} TO CURRENT_USER")
            conn.exec_driver_sql(f"DROP OWNED BY {name}")
            conn.exec_driver_sql(f"DROP ROLE {name}")


@pytest.fixture
def owned(postgres_server: str) -> Iterator[Engine]:
    """A database of a plain user who made its tables: neither superuser nor allowed to make roles."""
    name = f"pb_owner_{os.getpid()}_{next(_names)}"
    admin = connect(postgres_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'of the tests'")
        conn.exec_driver_sql(f"CREATE DATABASE {name} OWNER {name}")
    engine = connect(make_url(postgres_server).set(username=name, password="of the tests", database=name)
                     .render_as_string(hide_password=False))
    migrate(engine)
    yield engine
    engine.dispose()
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name}")
        conn.exec_driver_sql(f"DROP ROLE {name}")
    admin.dispose()


def relations(conn: Connection) -> list[str]:
    """Every table and view of the database, its own catalogue left out."""
    return list(conn.scalars(text("SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c "
                                  "JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'v', 'm', 'p') "
                                  "AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')")))


def told(engine: Engine, sql: str) -> str:
    """What a statement answers, or the error that it ends with."""
    with engine.connect() as conn:
        try:
            found = conn.exec_driver_sql(sql)
            return repr(found.all()) if found.returns_rows else f"done {found.rowcount}"
        except DBAPIError as error:
            return f"{error.orig}"


def columns(engine: Engine, relation: str) -> list[str]:
    with engine.connect() as conn:
        return list(conn.scalars(text("SELECT quote_ident(attname) FROM pg_attribute WHERE attnum > 0 AND NOT "
                                      "attisdropped AND attrelid = CAST(:name AS regclass)"), {"name": relation}))


def everything(engine: Engine) -> str:
    """All that a login gets out of every column of every relation."""
    with engine.connect() as conn:
        every = relations(conn)
    assert "public.entry" in every
    found = [told(engine, f"SELECT * FROM {one}".replace("%", "%%")) for one in every]
    found += [told(engine, f"SELECT {column} FROM {one}") for one in every for column in columns(engine, one)]
    return "\n".join(found)


def test_a_partners_login_sees_its_own_and_what_is_nobodys(login: Login, postgres_engine: Engine) -> None:
    council, nhs, server = login("council"), login("nhs"), login(group=row_security.APP)
    assert SECRET in everything(postgres_engine)
    assert SECRET in everything(server)
    assert SECRET in everything(nhs)
    seen = everything(council)
    assert SECRET not in seen
    assert "98765" not in seen, "nor an amount of it"
    assert SHARED in seen
    assert "OWN-WORD" in seen
    assert "'elsewhere'" not in seen, "nor that there is another partnership"
    with council.connect() as conn:
        rows = conn.execute(text("SELECT reference, memo FROM entry_seen ORDER BY number")).all()
    assert ("(withheld)", "(withheld)") in [tuple(row) for row in rows], "an entry with lines of both"
    assert [row[0] for row in rows if row[0] != "(withheld)"] == ["shared-1", "council-1", "shared-note"]


ESCAPES = ("SET poolbook.partner = 'nhs'", "SET poolbook.partner = ''", "SET poolbook.partnership = '2'",
           "SET row_security = off", "RESET ALL", "RESET ROLE", "SET ROLE poolbook_app", "SET ROLE postgres",
           "SET SESSION AUTHORIZATION postgres", "SET LOCAL ROLE none", "SET search_path = pg_temp",
           "SET session_replication_role = replica", "ALTER TABLE entry DISABLE ROW LEVEL SECURITY",
           "ALTER TABLE posting NO FORCE ROW LEVEL SECURITY", "DROP POLICY partner_of_login ON posting",
           "CREATE POLICY mine ON posting USING (true)", "GRANT poolbook_app TO CURRENT_USER",
           "UPDATE sql_login SET partner = 'nhs'", "INSERT INTO sql_login VALUES (session_user, 1, 'nhs')",
           "CREATE OR REPLACE FUNCTION login_partner() RETURNS text LANGUAGE sql AS $$ SELECT 'nhs' $$",
           "CREATE TEMPORARY TABLE sql_login AS SELECT session_user::text AS login, 1 AS partnership_key, "
           "'nhs'::text AS partner", "CREATE TEMPORARY VIEW mine AS SELECT * FROM posting")


def test_it_cannot_escape(login: Login) -> None:
    """Each attempt in one session with what it hopes for; functions with a cheap cost cannot look behind either."""
    council = login("council")
    peek = ("SELECT number, amount, case_ref FROM posting", "SELECT * FROM entry_seen", "SELECT * FROM cell",
            "SELECT * FROM movement", "SELECT * FROM account", "SELECT login_partner(), login_partnership()")
    with council.connect() as conn:
        honest = [repr(conn.exec_driver_sql(sql).all()) for sql in peek]
    assert "council" in honest[-1]
    for attempt in ESCAPES:
        with council.connect() as conn:
            try:
                conn.exec_driver_sql(attempt)
            except DBAPIError:
                conn.rollback()
            for sql, found in zip(peek, honest, strict=True):
                try:
                    again = repr(conn.exec_driver_sql(sql.replace(" FROM ", " FROM public.")).all())
                except DBAPIError as error:
                    conn.rollback()
                    again = str(error.orig)
                    assert SECRET not in again
                    continue
                assert again == found, (attempt, sql)
            conn.rollback()


def test_it_writes_nothing(login: Login, postgres_engine: Engine) -> None:
    council = login("council")
    with postgres_engine.connect() as conn:
        every = relations(conn)
    before = everything(postgres_engine)
    for one in every:
        column = columns(postgres_engine, one)[0]
        for sql in (f"INSERT INTO {one} DEFAULT VALUES", f"UPDATE {one} SET {column} = {column}", f"DELETE FROM {one}",
                    f"TRUNCATE {one}", f"DROP TABLE {one}", f"ALTER TABLE {one} DISABLE TRIGGER ALL",
                    f"LOCK TABLE {one} IN EXCLUSIVE MODE", f"COPY {one} TO PROGRAM 'cat'"):
            answer = told(council, sql)
            assert any(word in answer for word in ("permission denied", "must be owner", "cannot", "is not a table",
                                                   "superuser")), (sql, answer)
    assert everything(postgres_engine) == before


def test_a_login_without_a_partner_sees_nothing(login: Login) -> None:
    assert SECRET not in (found := everything(login(group=row_security.READER)))
    assert SHARED not in found
    assert "permission denied for table entry" in told(login(), "SELECT number FROM entry")


def test_the_server_posts_and_closes_but_alters_nothing(login: Login, books: Book) -> None:
    server = login(group=row_security.APP)
    with server.begin() as conn:
        assert conn.scalar(text("SELECT row_security_active('entry')"))
        posted = service.post(conn, books, [spending(f"by-server-{n}", 100 + n) for n in range(3)], NOW)
        service.close_period(conn, books, "FY2024-Q1", NOW)
    with server.connect() as conn:
        assert store.entry(conn, books, posted.numbers[1]).entry.reference == "by-server-1"
        assert service.verify(conn, books) == []
    for sql in ("UPDATE posting SET amount = amount + 1", "UPDATE entry SET memo = ''", "DELETE FROM posting",
                "DELETE FROM batch", "TRUNCATE movement", "UPDATE partnership SET id = 'x'", "DROP TABLE movement",
                "ALTER TABLE posting DISABLE TRIGGER ALL", "ALTER TABLE posting NO FORCE ROW LEVEL SECURITY",
                "SET session_replication_role = replica", "UPDATE sql_login SET partner = 'nhs'",
                "INSERT INTO sql_login VALUES ('x', 1, 'nhs')", "UPDATE api_key SET scopes = ''",
                "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TABLE mine (a integer)"):
        answer = told(server, sql)
        assert "permission denied" in answer or "must be owner" in answer, (sql, answer)
    assert "balances are written by the seal" in told(server, "UPDATE movement SET debit = debit + 1")


def test_a_call_of_one_partner_is_held_to_it_by_the_database_too(login: Login, books: Book, owned: Engine) -> None:
    """Also where a query forgot to ask: here every one of them does."""
    assert fill(owned) == books
    for engine in (login(group=row_security.APP), owned):
        with engine.begin() as conn:
            row_security.as_partner(conn, books, "council")
            for one in ("entry", "posting", "cell", "account", "movement", "idempotency", "statement", "api_key",
                        "member"):
                found = repr(conn.exec_driver_sql(f"SELECT * FROM {one}").all())
                if one != "entry":  # of an entry with lines of both the row is seen; `ledger.store` withholds its texts
                    assert SECRET not in found, one
                assert "98765" not in found, one
            with pytest.raises(Exception, match="row-level security"), translated():
                service.post(conn, books, [spending("as-partner", 1)], NOW)
        with engine.begin() as conn:
            assert service.verify(conn, books) == []
            assert SECRET in repr(conn.exec_driver_sql("SELECT * FROM entry").all()), "the setting ends with the call"


@pytest.mark.parametrize("partner", ["council", "nhs", "ccg"])
def test_the_database_and_the_code_say_the_same(login: Login, books: Book, postgres_engine: Engine,
                                                partner: str) -> None:
    """Numbers, texts and sums as `ledger.store` gives them to one partner, and as its own login gets them."""
    with postgres_engine.connect() as conn:
        book = row_security.as_partner(conn, books, partner)
        shown = [(r.number, r.entry.reference, r.entry.memo, r.entry.details) for r in store.entries(conn, book)]
        lines = sorted((r.number, p.amount) for r in store.entries(conn, book) for p in r.entry.postings)
        sums = sorted((m.debit, m.credit) for m in store.movements(conn, book))
        accounts = store.accounts(conn, book)
    with login(partner).connect() as conn:
        assert [tuple(row) for row in conn.execute(text(
            "SELECT number, reference, memo, details FROM entry_seen ORDER BY number"))] == shown
        assert sorted(map(tuple, conn.execute(text("SELECT number, amount FROM posting")))) == lines
        assert sorted(map(tuple, conn.execute(text("SELECT debit, credit FROM movement")))) == sums
        assert sorted(conn.scalars(text("SELECT path FROM account"))) == accounts
        assert [row[0] for row in conn.execute(text("SELECT number FROM entry ORDER BY number"))] == [
            number for number, *_ in shown]


def test_every_table_is_under_forced_row_security(postgres_engine: Engine) -> None:
    with postgres_engine.connect() as conn:
        without = set(conn.scalars(text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                                        "'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)")))
    assert without == set(row_security.NOT_THE_SERVERS)


def test_a_login_that_may_more_is_not_given_to_a_partner(postgres_engine: Engine, books: Book, login: Login) -> None:
    server = login(group=row_security.APP)
    with postgres_engine.connect() as conn:
        for strong in (server.url.username, postgres_engine.url.username):
            with pytest.raises(LoginTooStrong):
                logins.grant(conn, books, str(strong), "nhs")
        with pytest.raises(LoginUnknown):
            logins.revoke(conn, "nobody")


def test_what_is_revoked_sees_nothing(postgres_engine: Engine, login: Login) -> None:
    nhs = login("nhs")
    assert SECRET in everything(nhs)
    with postgres_engine.begin() as conn:
        logins.revoke(conn, str(nhs.url.username))
    nhs.dispose()
    assert SECRET not in everything(nhs)


def test_many_entries_go_in_under_row_security(login: Login, books: Book) -> None:
    """From arrays, since COPY is refused; each text as it was."""
    odd = 'a\\b\t"c", {d} NULL é 🏥'
    entries = [Entry("journal", NOW.date().replace(month=8), f"{odd}-{n}", odd, (
        Posting("expenses:beds", 5, "core", case=odd), Posting("assets:bank:core", -5, "core", units=7)))
        for n in range(300)]
    with login(group=row_security.APP).begin() as conn:
        numbers = service.post(conn, books, entries, NOW).numbers
        assert store.entry(conn, books, numbers[-1]).entry == entries[-1]
        assert service.verify(conn, books) == []


def test_neither_statistics_nor_a_function_look_behind_the_policies(login: Login, postgres_engine: Engine) -> None:
    """A function that costs nothing is tried before a policy's conditions, unless the database knows better."""
    with postgres_engine.begin() as conn:
        conn.exec_driver_sql("ANALYZE")
    council, heard = login("council"), []
    with council.connect() as conn:
        assert SECRET not in repr(conn.exec_driver_sql("SELECT * FROM pg_stats").all())
        conn.connection.driver_connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        conn.exec_driver_sql("CREATE FUNCTION pg_temp.leak(text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS "
                             "'BEGIN RAISE NOTICE ''%%'', $1; RETURN true; END'")
        for column, table in (("memo", "entry_seen"), ("case_ref", "posting"), ("source", "cell"), ("path", "account")):
            conn.exec_driver_sql(f"SELECT 1 FROM {table} WHERE pg_temp.leak({column})")
    assert SHARED in repr(heard)
    assert SECRET not in repr(heard)


def test_a_quarter_over_http_in_the_servers_role(login: Login, postgres_engine: Engine) -> None:
    """Everything that a year needs works with the rights that the server has, and so does one partner's view."""
    url = login(group=row_security.APP).url.render_as_string(hide_password=False)
    app = create_app(Settings(url, secret=SECRET_KEY))
    with postgres_engine.begin() as conn:
        key = keys.create(conn, SECRET_KEY.encode(), None, "all", tuple(ROLES), NOW)[1]
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        assert client.get("/ready").status_code == 200
        assert client.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200
        assert client.post(f"{MILLBROOK}/events", content=EVENTS, headers=CSV).status_code == 200
        posted = client.post(f"{MILLBROOK}/entries", json=entry(), headers={"Idempotency-Key": "k"}).json()
        number = posted["entries"][0]["id"]
        undone = {"date": "2024-08-02", "reference": "U-1"}
        assert client.post(f"{MILLBROOK}/entries/{number}/reversal", json=undone).status_code == 201
        assert client.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
        assert client.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "late"}).status_code == 200
        assert client.post(f"{MILLBROOK}/members", json={"issuer": "https://id.example.org", "subject": "ann",
                                                         "roles": ["auditor"]}).status_code == 201
        assert client.get(f"{MILLBROOK}/verify").json()["sound"]
        with postgres_engine.begin() as conn:
            council = keys.create(conn, SECRET_KEY.encode(), store.book(conn, "millbrook"), "c", ["auditor"], NOW,
                                  partner="council")[1]
        client.headers["Authorization"] = f"Bearer {council}"
        found = client.get(f"{MILLBROOK}/entries?kind=contribution").json()["items"]
        assert [one["reference"] for one in found] == ["RCT-1"]
        assert client.get(f"{MILLBROOK}/verify").json()["sound"]
        assert list(client.get(f"{MILLBROOK}/statements/FY2024-Q1").json()["partners"]) == ["council"]
