"""Which domain error a refusal of the database is: every constraint and trigger by name, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from ledger import refusals
from ledger.errors import PoolbookError
from ledger.foreign import foreign
from ledger.tables import metadata

_FOLLOWS = ("entry_is_new", "posting_is_new", "batch_follows", "batch_complete", "entry_complete", "pk_batch",
            "pk_entry", "pk_posting", "uq_batch_partnership_key_last_entry", "fk_entry_batch", "fk_movement_batch",
            "ck_batch_range", "ck_batch_hash", "ck_entry_number", "ck_entry_line_count", "ck_entry_content_hash",
            "ck_posting_line", "foreign_keys_on", "read_committed", "pk_account", "pk_cell", "pk_movement",
            "pk_movement_mark",
            "uq_cell_words", "pk_partnership", "pk_period_status", "period_status_follows",
            "ck_period_status_alternates")
_KEPT = ("movement_by_seal", "movement_kept", "mark_by_seal", *(
    f"{table}_no_{operation}" for operation in ("update", "delete", "truncate", "replace")
    for table in ("partnership", "account", "cell", "period", "period_status", "batch", "entry", "posting",
                  "movement", "movement_mark", "idempotency")))
_VALUES = ("ck_entry_kind", "ck_cell_kind", "ck_posting_amount", "ck_posting_units", "ck_movement_sides",
           "ck_partnership_id", "ck_partnership_currency", "ck_period_status_status", "ck_idempotency_key",
           "uq_account_partnership_key_path", "fk_posting_cell", "fk_posting_entry", "fk_cell_account",
           "fk_movement_cell", "fk_movement_period", "fk_movement_mark_movement", "fk_movement_mark_batch",
           "fk_period_status_period",
           *(f"fk_{table}_partnership" for table in ("account", "period", "batch", "idempotency")))

ERRORS: dict[str, type[PoolbookError]] = {
    **dict.fromkeys(_FOLLOWS, refusals.ChainBroken),
    **dict.fromkeys(_KEPT, refusals.AppendOnly),
    **dict.fromkeys(_VALUES, refusals.RecordUnacceptable),
    "batch_seals": refusals.ChainBroken,
    "ck_account_root": refusals.AccountMalformed,
    "entry_balanced": refusals.Unbalanced,
    "entry_balanced_in_fund": refusals.UnbalancedInFund,
    "entry_in_open_period": refusals.PeriodClosed,
    "ck_posting_not_empty": refusals.PostingEmpty,
    "ck_entry_reference": refusals.ReferenceMissing,
    "uq_entry_partnership_key_kind_reference": refusals.ReferenceReused,
    "uq_entry_reverses": refusals.AlreadyReversed,
    "fk_entry_reverses": refusals.EntryUnknown,
    "ck_entry_reverses_an_earlier_one": refusals.EntryUnknown,
    "fk_entry_belongs_to": refusals.PeriodNameUnknown,
    "period_fits": refusals.PeriodOverlap,
    "pk_period": refusals.PeriodOverlap,
    "uq_period_partnership_key_id": refusals.PeriodOverlap,
    "ck_period_starts_before_it_ends": refusals.PeriodOverlap,
    "period_in_order": refusals.PeriodOrder,
    "ck_period_status_reason": refusals.ReasonMissing,
    "uq_partnership_id": refusals.PartnershipExists,
    "pk_idempotency": refusals.IdempotencyKeyReused,
}
# What the database says of itself, not of a rule of ours: by SQLSTATE or SQLite's name of the error, else by its words.
_STATES: dict[str, type[PoolbookError]] = {
    **dict.fromkeys(("40001", "40P01", "55P03", "53300", "SQLITE_BUSY", "SQLITE_LOCKED"), refusals.DatabaseBusy),
    **dict.fromkeys(("53100", "SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"), refusals.DatabaseFull),
    **dict.fromkeys(("57P01", "57P02", "57P05", "25P03", "25P04"), refusals.DatabaseLost),
}
_WORDS = {
    re.compile("database is locked|database table is locked|lock timeout|deadlock|could not serialize|LockNotAvailable",
               re.IGNORECASE): refusals.DatabaseBusy,
    re.compile("no space left|database or disk is full", re.IGNORECASE): refusals.DatabaseFull,
    re.compile("attempt to write a readonly database|unable to open database file|file is not a database"):
        refusals.DatabaseFileUnusable,
    re.compile("server closed the connection|connection is (lost|closed)|consuming input failed|sending query failed|"
               "terminating connection|connection not open|server unexpectedly closed|no connection to the server|"
               "SSL connection has been closed|could not (send|receive) data|connection (reset|timed out)",
               re.IGNORECASE): refusals.DatabaseLost,
}


def register(errors: dict[str, type[PoolbookError]]) -> None:
    """Adds the constraints of another room's tables."""
    ERRORS.update(errors)


def rule_of(exc: BaseException) -> str:
    """The name of the constraint or trigger that refused; empty where the database gives none."""
    origin: Any = exc.orig if isinstance(exc, DBAPIError) else exc
    name = getattr(getattr(origin, "diag", None), "constraint_name", None)
    if name:
        return str(name)
    message = str(origin)
    opening = re.match(r"([a-z][a-z0-9_]+): ", message)
    if opening:
        return opening.group(1)
    failed = re.match(r"(UNIQUE|CHECK|NOT NULL) constraint failed: (.+)", message)
    if failed and failed.group(1) == "CHECK":
        return failed.group(2)
    if failed and failed.group(1) == "UNIQUE":
        return _unique_by_columns().get(failed.group(2), "")
    return ""


def _unique_by_columns() -> dict[str, str]:
    """SQLite names the columns of a unique key, not the key."""
    named: dict[str, str] = {}
    for table in metadata.tables.values():
        keys: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
            table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint)),
            *(index for index in table.indexes if index.unique)]
        for key in keys:
            named[", ".join(f"{table.name}.{column.name}" for column in key.columns)] = str(key.name)
    return named


def as_domain_error(exc: BaseException) -> PoolbookError:
    """The refusal of the database as the error that the same cause has everywhere else."""
    rule = rule_of(exc)
    reason = str(getattr(exc, "orig", exc)).splitlines()[0]
    kind = ERRORS.get(rule)
    if kind is None:
        kind = _of_itself(exc, reason)
        if kind is not None:
            told: dict[str, Any] = {fact: foreign(reason) for fact in _facts(kind)}
            return kind(**told)
        if "constraint" in reason:
            return refusals.RecordUnacceptable(rule=rule or reason)
        return refusals.DatabaseFailed(reason=reason)
    facts: dict[str, Any] = {fact: rule if fact == "rule" else f"(refused by {rule})" for fact in _facts(kind)}
    return kind(**facts)


def _of_itself(exc: BaseException, reason: str) -> type[PoolbookError] | None:
    """Whether the database is busy, full or gone, whatever it was asked."""
    origin: Any = getattr(exc, "orig", exc)
    state = getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None) or ""
    if reason.startswith("connection failed"):  # nothing was asked of it yet
        return None
    of_state = _STATES.get(state) or (refusals.DatabaseBusy if state.startswith("SQLITE_BUSY") else None)
    return of_state or next((kind for words, kind in _WORDS.items() if words.search(reason)), None)


def _facts(kind: type[PoolbookError]) -> set[str]:
    return set(re.findall(r"\{(\w+)", kind.what + kind.remedy))


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the database refuses inside the block into domain errors."""
    try:
        yield
    except PoolbookError:
        raise
    except Exception as exc:
        if isinstance(exc, DBAPIError) or type(exc).__module__.split(".")[0] in ("sqlite3", "psycopg"):
            raise as_domain_error(exc) from exc
        raise
