"""Who sees and writes which rows on PostgreSQL: roles, grants and forced row-level security, applied after upgrades.

`ledger.visibility` in the database's own words, so that a partner with a login of its own sees its lines and no
others whatever it types, and a call over HTTP that belongs to a partner is held to it twice.

- `poolbook_app` is for the server: it reads, inserts, and updates what the seal updates; it alters and removes nothing.
  Inside a call of one partner it sets `poolbook.partner` and `poolbook.partnership` for the transaction.
- `poolbook_reader` is for logins of partners. Which partner a login reads for stands in `sql_login`, by the name with
  which it signed in; nothing that it can set counts.
- The owner of the tables is held to the same policies as the server, since they are forced.

A table that nothing is said about here is the server's alone: what is added later is closed until it is opened. The
policies use sub-selects through `cell`; Citus takes none in a policy and would need the partner on each posting.
The roles belong to the whole cluster. Where the owner may not make them, and nobody did before, only the owner uses
the database: have them made (`CREATE ROLE poolbook_app NOLOGIN; CREATE ROLE poolbook_reader NOLOGIN`) and run
`poolbook database secure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection, func, inspect, select, text

from ledger.model import Book
from ledger.visibility import DETAILS_NAME, NAMES_OWNER, SPEAKS_OF_OTHERS, WITHHELD

APP, READER = "poolbook_app", "poolbook_reader"
UPDATED = {"partnership": "name", "movement": "debit, credit, units, batch_number"}
"""What the server updates: balances by way of the seal; of the partnership nothing, but locking its row needs it."""
NOT_THE_SERVERS = ("alembic_version", "sql_login")

OF_PARTNERSHIP = "true"
RULES: Mapping[str, str] = {
    "partnership": OF_PARTNERSHIP, "period": OF_PARTNERSHIP, "period_status": OF_PARTNERSHIP,
    "batch": OF_PARTNERSHIP, "agreement": OF_PARTNERSHIP,
    "account": "account_owner(path) IN ('', {partner})",
    "cell": "partner IN ('', {partner}) AND (partnership_key, account_key) IN "
            "(SELECT a.partnership_key, a.account_key FROM account a WHERE a.partnership_key = {partnership})",
    "posting": "(partnership_key, cell_key) IN "
               "(SELECT c.partnership_key, c.cell_key FROM cell c WHERE c.partnership_key = {partnership})",
    "movement": "(partnership_key, cell_key) IN "
                "(SELECT c.partnership_key, c.cell_key FROM cell c WHERE c.partnership_key = {partnership})",
    "movement_mark": "(partnership_key, cell_key) IN "
                     "(SELECT c.partnership_key, c.cell_key FROM cell c WHERE c.partnership_key = {partnership})",
    "entry": "entry_plain(kind) AND ((line_count = 0 AND reverses IS NULL AND details_open(details, {partner})) OR "
             "EXISTS (SELECT 1 FROM posting p WHERE p.partnership_key = entry.partnership_key "
             "AND p.number = entry.number))",
}
"""Which rows of a partnership one partner sees; sub-selects see what the same partner sees of those tables."""
READABLE: Mapping[str, str] = {
    **dict.fromkeys(("partnership", "period", "period_status", "agreement", "account", "cell", "posting", "movement",
                     "movement_mark"), ""),
    "batch": "(partnership_key, batch_number, first_entry, last_entry, recorded_at, prev_hash, hash)",
    "entry": "(partnership_key, number, batch_number, kind, effective_date, period_number, reverses, belongs_to, "
             "line_count)",
}
"""What a partner's login reads, and of which only some columns: an entry's texts are in the view `entry_seen`."""

FUNCTIONS = (
    f"""CREATE OR REPLACE FUNCTION account_owner(path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN split_part(path, ':', 1) = 'reserves'
              OR split_part(path, ':', 1) || ':' || split_part(path, ':', 2) IN ({', '.join(map(repr, NAMES_OWNER))})
         THEN split_part(path, ':', 3) ELSE '' END $$""",
    f"""CREATE OR REPLACE FUNCTION entry_plain(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT kind NOT IN ({', '.join(map(repr, SPEAKS_OF_OTHERS))}) $$""",
    "CREATE OR REPLACE FUNCTION details_open(details text, partner text) RETURNS boolean "
    "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT " + " AND ".join(
        f"coalesce(nullif(details, '')::json ->> '{name}', '') IN ('', partner)" for name in DETAILS_NAME) + " $$",
    """CREATE OR REPLACE FUNCTION login_partner() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER {path} AS $$
  SELECT partner FROM sql_login WHERE login = session_user $$""",
    """CREATE OR REPLACE FUNCTION login_partnership() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER {path} AS $$
  SELECT partnership_key FROM sql_login WHERE login = session_user $$""",
)
VIEW = f"""CREATE OR REPLACE VIEW entry_seen WITH (security_barrier, security_invoker = false) AS
SELECT e.partnership_key, e.number, e.kind, e.effective_date, e.period_number, e.reverses, e.belongs_to,
       CASE WHEN w.whole THEN e.reference ELSE '{WITHHELD}' END AS reference,
       CASE WHEN w.whole THEN e.memo ELSE '{WITHHELD}' END AS memo,
       CASE WHEN w.whole THEN e.details ELSE '' END AS details,
       CASE WHEN w.whole THEN e.content_hash END AS content_hash
  FROM entry e
 CROSS JOIN LATERAL (
       SELECT count(*) AS lines FROM posting p
         JOIN cell c ON c.partnership_key = p.partnership_key AND c.cell_key = p.cell_key
         JOIN account a ON a.partnership_key = c.partnership_key AND a.account_key = c.account_key
        WHERE p.partnership_key = e.partnership_key AND p.number = e.number
          AND c.partner IN ('', (SELECT login_partner())) AND account_owner(a.path) IN ('', (SELECT login_partner()))) s
 CROSS JOIN LATERAL (
       SELECT details_open(e.details, (SELECT login_partner()))
              AND (s.lines = e.line_count AND (e.line_count > 0 OR e.reverses IS NULL)) AS whole) w
 WHERE e.partnership_key = (SELECT login_partnership()) AND entry_plain(e.kind)
   AND (s.lines > 0 OR (e.line_count = 0 AND e.reverses IS NULL AND w.whole))"""  # noqa: S608 - fixed words

BY_SETTING = {"partner": "(SELECT nullif(current_setting('poolbook.partner', true), ''))",
              "partnership": "(SELECT nullif(current_setting('poolbook.partnership', true), '')::integer)"}
BY_LOGIN = {"partner": "(SELECT login_partner())", "partnership": "(SELECT login_partnership())"}


def as_partner(conn: Connection, book: Book, partner: str) -> Book:
    """The books with one partner's eyes, to which the database holds this transaction too; with none, all of them."""
    if partner and conn.dialect.name == "postgresql":
        conn.execute(select(func.set_config("poolbook.partner", partner, True),
                            func.set_config("poolbook.partnership", str(book.key), True)))
    return replace(book, partner=partner)


def secure(conn: Connection, *, policies: bool = True) -> bool:
    """Applies all of it to the tables that there are; whether the two roles exist. Only the owner can.

    Without `policies` only what the server may do, as where the tables are spread over servers (`api.distribution`).
    """
    assert conn.dialect.name == "postgresql", "SQLite knows no roles"
    for role in (APP, READER):
        _make_role(conn, role)
    there = set(conn.scalars(text("SELECT rolname FROM pg_roles WHERE rolname IN (:app, :reader)"),
                             {"app": APP, "reader": READER}))
    schema = conn.scalar(text("SELECT quote_ident(current_schema())"))
    tables = inspect(conn).get_table_names()
    for sql in _statements(str(schema), tables, there) if policies else _for_server(str(schema), tables, there):
        conn.exec_driver_sql(sql.replace("%", "%%"))
    return len(there) == 2


def _make_role(conn: Connection, role: str) -> None:
    """Makes a group role if this user may and nobody did; another database of the cluster may do so at once."""
    conn.exec_driver_sql(f"""DO $$ BEGIN CREATE ROLE {role} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $$""")


def _statements(schema: str, tables: list[str], roles: set[str]) -> Iterator[str]:
    for function in FUNCTIONS:
        yield function.replace("{path}", f"SET search_path = {schema}, pg_temp")
    for name in ("login_partner()", "login_partnership()"):
        yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        yield from (f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for role in sorted(roles))
    yield VIEW
    yield from (f"GRANT USAGE ON SCHEMA {schema} TO {role}" for role in sorted(roles))
    for table in sorted(tables):
        yield from _table(table, roles)
    if READER in roles:
        yield f"GRANT SELECT ON entry_seen TO {READER}"


def _for_server(schema: str, tables: list[str], roles: set[str]) -> Iterator[str]:
    """What the server may do, and nobody else anything."""
    if APP in roles:
        yield f"GRANT USAGE ON SCHEMA {schema} TO {APP}"
    for table in sorted(tables):
        yield from _granted(table, roles)


def _granted(table: str, roles: set[str]) -> Iterator[str]:
    """The server's grants on one table."""
    yield f"REVOKE ALL ON {table} FROM PUBLIC"
    if APP in roles:
        yield f"REVOKE ALL ON {table} FROM {APP}"
        yield f"GRANT SELECT{'' if table in NOT_THE_SERVERS else ', INSERT'} ON {table} TO {APP}"
        if table in UPDATED:
            yield f"GRANT UPDATE ({UPDATED[table]}) ON {table} TO {APP}"


def _table(table: str, roles: set[str]) -> Iterator[str]:
    """Grants and policies of one table."""
    yield from _granted(table, roles)
    if table in NOT_THE_SERVERS:
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    for policy in ("server", "partner_of_login"):
        yield f"DROP POLICY IF EXISTS {policy} ON {table}"
    whose = f"CURRENT_USER{f', {APP}' if APP in roles else ''}"
    yield (f"CREATE POLICY server ON {table} TO {whose} USING ({_server(table)}) "
           f"WITH CHECK ({BY_SETTING['partner']} IS NULL)")
    if READER in roles:
        yield f"REVOKE ALL ON {table} FROM {READER}"
        if table in READABLE:
            yield f"GRANT SELECT {READABLE[table]} ON {table} TO {READER}"
            yield f"CREATE POLICY partner_of_login ON {table} FOR SELECT TO {READER} USING ({_rule(table, BY_LOGIN)})"


def _server(table: str) -> str:
    """What the server sees: everything, or in a call of one partner what that partner sees."""
    unbound = f"{BY_SETTING['partner']} IS NULL"
    return f"{unbound} OR ({_rule(table, BY_SETTING)})" if table in RULES else unbound


def _rule(table: str, who: Mapping[str, str]) -> str:
    return f"partnership_key = {who['partnership']} AND {RULES[table].format(**who)}"
