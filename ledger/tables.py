"""Which tables the books are kept in, with every constraint named; the triggers beside them are in the migrations.

Every key starts with the partnership. Amounts are whole minor units, units whole millionths, hashes 32 bytes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(naming_convention={
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
})


class Day(TypeDecorator[dt.date]):
    """A date: `date` on PostgreSQL, ISO 8601 text on SQLite (whose STRICT tables know no dates)."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: dt.date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.date | None:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC to the microsecond: `timestamptz`, or text of fixed width that sorts as time does."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert value.tzinfo is not None, "moments carry their time zone"
        moment = value.astimezone(dt.UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(dt.UTC)


Big = BigInteger().with_variant(Integer(), "sqlite")


def _key(name: str, of: Any = Integer) -> Column[Any]:
    return Column(name, of, nullable=False, autoincrement=False)


def _word(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _table(name: str, *parts: Any, rowid: bool = False) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def _of_partnership(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name=f"fk_{table}_partnership")


partnership = _table(
    "partnership", _key("partnership_key"), _key("id", Text), _key("name", Text), _key("currency", Text),
    PrimaryKeyConstraint("partnership_key"), UniqueConstraint("id"),
    CheckConstraint("length(id) BETWEEN 1 AND 200", name="id"),
    CheckConstraint("length(currency) = 3", name="currency"), rowid=True)

account = _table(
    "account", _key("partnership_key"), _key("account_key"), _key("path", Text),
    PrimaryKeyConstraint("partnership_key", "account_key"), UniqueConstraint("partnership_key", "path"),
    CheckConstraint("path LIKE 'assets:_%' OR path LIKE 'liabilities:_%' OR path LIKE 'equity:_%' "
                    "OR path LIKE 'reserves:_%' OR path LIKE 'income:_%' OR path LIKE 'expenses:_%'", name="root"),
    _of_partnership("account"))

WORDS = ("kind", "fund", "partner", "service", "source", "cost_class")

cell = _table(
    "cell", _key("partnership_key"), _key("cell_key"), _key("account_key"), *map(_word, WORDS),
    PrimaryKeyConstraint("partnership_key", "cell_key"),
    UniqueConstraint("partnership_key", "account_key", *WORDS, name="uq_cell_words"),
    CheckConstraint("kind <> ''", name="kind"),
    ForeignKeyConstraint(["partnership_key", "account_key"], ["account.partnership_key", "account.account_key"]))

period = _table(
    "period", _key("partnership_key"), _key("number"), _key("id", Text), _key("starts", Day), _key("ends", Day),
    PrimaryKeyConstraint("partnership_key", "number"), UniqueConstraint("partnership_key", "id"),
    CheckConstraint("starts <= ends", name="starts_before_it_ends"), _of_partnership("period"))

period_status = _table(
    "period_status", _key("partnership_key"), _key("period_number"), _key("seq"), _key("status", Text),
    _word("reason"), _key("recorded_at", Moment),
    PrimaryKeyConstraint("partnership_key", "period_number", "seq"),
    CheckConstraint("status IN ('open', 'closed')", name="status"),
    CheckConstraint("seq >= 1 AND (seq % 2 = 1) = (status = 'closed')", name="alternates"),
    CheckConstraint("status = 'closed' OR reason <> ''", name="reason"),
    ForeignKeyConstraint(["partnership_key", "period_number"], ["period.partnership_key", "period.number"]))

batch = _table(
    "batch", _key("partnership_key"), _key("batch_number"), _key("first_entry", Big), _key("last_entry", Big),
    _key("recorded_at", Moment), _key("prev_hash", LargeBinary), _key("hash", LargeBinary),
    PrimaryKeyConstraint("partnership_key", "batch_number"), UniqueConstraint("partnership_key", "last_entry"),
    Index("ix_batch_recorded_at", "partnership_key", "recorded_at", "batch_number"),
    CheckConstraint("batch_number >= 1 AND first_entry >= 1 AND last_entry >= first_entry", name="range"),
    CheckConstraint("length(hash) = 32 AND length(prev_hash) = 32", name="hash"), _of_partnership("batch"))

entry = _table(
    "entry", _key("partnership_key"), _key("number", Big), _key("batch_number"), _key("kind", Text),
    _key("effective_date", Day), _key("period_number"), _key("reference", Text), _word("memo"), _word("details"),
    Column("reverses", Big), Column("belongs_to", Integer), _key("line_count"), _key("content_hash", LargeBinary),
    PrimaryKeyConstraint("partnership_key", "number"),
    UniqueConstraint("partnership_key", "kind", "reference"),
    Index("uq_entry_reverses", "partnership_key", "reverses", unique=True,
          sqlite_where=text("reverses IS NOT NULL"), postgresql_where=text("reverses IS NOT NULL")),
    Index("ix_entry_effective_date", "partnership_key", "effective_date", "number"),
    Index("ix_entry_late", "partnership_key", "effective_date", sqlite_where=text("belongs_to IS NOT NULL"),
          postgresql_where=text("belongs_to IS NOT NULL")),
    # SQLite looks up a new seal's entries to let it pass; PostgreSQL looks up the seal of each entry.
    Index("ix_entry_batch", "partnership_key", "batch_number").ddl_if(dialect="sqlite"),
    CheckConstraint("number >= 1", name="number"), CheckConstraint("line_count >= 0", name="line_count"),
    CheckConstraint("kind <> ''", name="kind"), CheckConstraint("reference <> ''", name="reference"),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
    CheckConstraint("reverses < number", name="reverses_an_earlier_one"),
    ForeignKeyConstraint(["partnership_key", "batch_number"], ["batch.partnership_key", "batch.batch_number"],
                         name="fk_entry_batch", deferrable=True, initially="DEFERRED"),
    ForeignKeyConstraint(["partnership_key", "reverses"], ["entry.partnership_key", "entry.number"],
                         name="fk_entry_reverses"),
    ForeignKeyConstraint(["partnership_key", "belongs_to"], ["period.partnership_key", "period.number"],
                         name="fk_entry_belongs_to"))

posting = _table(
    "posting", _key("partnership_key"), _key("number", Big), _key("line"), _key("cell_key"), _key("amount", Big),
    _word("case_ref"), _key("units", Big),
    PrimaryKeyConstraint("partnership_key", "number", "line"),
    Index("ix_posting_cell", "partnership_key", "cell_key", "number"),
    CheckConstraint("amount <> 0 OR units <> 0", name="not_empty"), CheckConstraint("line >= 1", name="line"),
    CheckConstraint("amount BETWEEN -1000000000000000 AND 1000000000000000", name="amount"),
    CheckConstraint("units BETWEEN -100000000000000000 AND 100000000000000000", name="units"),
    ForeignKeyConstraint(["partnership_key", "number"], ["entry.partnership_key", "entry.number"]),
    ForeignKeyConstraint(["partnership_key", "cell_key"], ["cell.partnership_key", "cell.cell_key"]))

movement = _table(
    "movement", _key("partnership_key"), _key("cell_key"), _key("period_number"), _key("debit", Big),
    _key("credit", Big), _key("units", Big), _key("batch_number"),
    PrimaryKeyConstraint("partnership_key", "cell_key", "period_number"),
    Index("ix_movement_batch", "partnership_key", "batch_number"),
    CheckConstraint("debit >= 0 AND credit >= 0", name="sides"),
    ForeignKeyConstraint(["partnership_key", "cell_key"], ["cell.partnership_key", "cell.cell_key"]),
    ForeignKeyConstraint(["partnership_key", "period_number"], ["period.partnership_key", "period.number"]),
    ForeignKeyConstraint(["partnership_key", "batch_number"], ["batch.partnership_key", "batch.batch_number"],
                         name="fk_movement_batch", deferrable=True, initially="DEFERRED"))

movement_mark = _table(
    "movement_mark", _key("partnership_key"), _key("cell_key"), _key("period_number"), _key("batch_number"),
    _key("debit", Big), _key("credit", Big), _key("units", Big),
    PrimaryKeyConstraint("partnership_key", "cell_key", "period_number", "batch_number"),
    ForeignKeyConstraint(["partnership_key", "cell_key", "period_number"],
                         ["movement.partnership_key", "movement.cell_key", "movement.period_number"]),
    ForeignKeyConstraint(["partnership_key", "batch_number"], ["batch.partnership_key", "batch.batch_number"]))
"""Movements as they stood after certain batches, each only where it had changed since the mark before; append-only."""

idempotency = _table(
    "idempotency", _key("partnership_key"), _key("key", Text), _key("request_hash", LargeBinary),
    _key("status"), _key("body", LargeBinary), _key("recorded_at", Moment),
    PrimaryKeyConstraint("partnership_key", "key"),
    CheckConstraint("length(key) BETWEEN 1 AND 255", name="key"), _of_partnership("idempotency"))
