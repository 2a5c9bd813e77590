"""Which tables agreements, issued statements and proposals are kept in, and who recorded which entries.

What stands in the first two, and every request that was approved, is in the chain by its SHA-256.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from commissioning.refusals.proposals import MakerCannotApprove, ProposalDecided
from ledger import refusals
from ledger.constraints import register
from ledger.tables import Big, Moment, metadata


def _to_entry(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["partnership_key", "entry_number"], ["entry.partnership_key", "entry.number"],
                                name=f"fk_{table}_entry")


agreement = Table(
    "agreement", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("entry_number", Big, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("partnership_key", "seq"), CheckConstraint("seq >= 1", name="seq"), _to_entry("agreement"),
    sqlite_strict=True, sqlite_with_rowid=True)

statement = Table(
    "statement", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("period_number", Integer, nullable=False, autoincrement=False),
    Column("issue", Integer, nullable=False, autoincrement=False),
    Column("entry_number", Big, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("partnership_key", "period_number", "issue"), CheckConstraint("issue >= 1", name="issue"),
    ForeignKeyConstraint(["partnership_key", "period_number"], ["period.partnership_key", "period.number"],
                         name="fk_statement_period"),
    _to_entry("statement"), sqlite_strict=True, sqlite_with_rowid=True)

proposal = Table(
    "proposal", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    PrimaryKeyConstraint("partnership_key", "number"), CheckConstraint("number >= 1", name="number"),
    CheckConstraint("length(sha256) = 64", name="sha256"), CheckConstraint("person <> ''", name="person"),
    ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_proposal_partnership"),
    Index("ix_proposal_sha256", "partnership_key", "sha256"), sqlite_strict=True, sqlite_with_rowid=True)

proposal_decision = Table(
    "proposal_decision", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("verdict", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entry_number", Big),
    PrimaryKeyConstraint("partnership_key", "number"),
    CheckConstraint("verdict IN ('approved', 'rejected', 'withdrawn')", name="verdict"),
    CheckConstraint("(verdict = 'approved') = (entry_number IS NOT NULL)", name="entry"),
    CheckConstraint("verdict <> 'rejected' OR reason <> ''", name="reason"),
    CheckConstraint("person <> ''", name="person"),
    ForeignKeyConstraint(["partnership_key", "number"], ["proposal.partnership_key", "proposal.number"],
                         name="fk_proposal_decision_proposal"),
    _to_entry("proposal_decision"), sqlite_strict=True, sqlite_with_rowid=True)

recording = Table(
    "recording", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("first_entry", Big, nullable=False, autoincrement=False),
    Column("last_entry", Big, nullable=False, autoincrement=False),
    Column("actor", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    PrimaryKeyConstraint("partnership_key", "first_entry"),
    CheckConstraint("first_entry >= 1 AND last_entry >= first_entry", name="range"),
    ForeignKeyConstraint(["partnership_key", "last_entry"], ["entry.partnership_key", "entry.number"],
                         name="fk_recording_entry"),
    sqlite_strict=True, sqlite_with_rowid=False)

def _kept_under_a_name(table: str, *own: str) -> Table:
    """What was worked out of a state of the books and kept, by number, with texts of its `own`."""
    return Table(
        table, metadata,
        Column("partnership_key", Integer, nullable=False, autoincrement=False),
        Column("number", Integer, nullable=False, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("year", Text, nullable=False),
        Column("entries", Big, nullable=False, autoincrement=False),
        Column("head", Text, nullable=False),
        *(Column(name, Text, nullable=False) for name in own),
        Column("actor", Text, nullable=False),
        Column("roles", Text, nullable=False),
        Column("recorded_at", Moment, nullable=False),
        PrimaryKeyConstraint("partnership_key", "number"),
        CheckConstraint("number >= 1", name="number"), CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name=f"fk_{table}_partnership"),
        sqlite_strict=True, sqlite_with_rowid=True)


scenario = _kept_under_a_name("scenario", "workbook_sha256", "report")
negotiation = _kept_under_a_name("negotiation", "asked", "result")

register({
    **{f"{table}_no_{what}": refusals.AppendOnly
       for table in ("agreement", "statement", "proposal", "proposal_decision", "recording", "scenario", "negotiation")
       for what in ("update", "delete", "truncate", "replace")},
    **dict.fromkeys(("pk_agreement", "pk_statement", "ck_agreement_seq", "ck_statement_issue", "fk_agreement_entry",
                     "fk_statement_entry", "fk_statement_period", "pk_proposal", "ck_proposal_number",
                     "ck_proposal_sha256", "ck_proposal_person", "fk_proposal_partnership",
                     "ck_proposal_decision_verdict", "ck_proposal_decision_entry", "ck_proposal_decision_reason",
                     "ck_proposal_decision_person", "fk_proposal_decision_proposal", "fk_proposal_decision_entry",
                     "pk_recording", "ck_recording_range", "fk_recording_entry", "pk_scenario", "ck_scenario_number",
                     "ck_scenario_name", "fk_scenario_partnership", "pk_negotiation", "ck_negotiation_number",
                     "ck_negotiation_name", "fk_negotiation_partnership"), refusals.RecordUnacceptable),
    "pk_proposal_decision": ProposalDecided,
    "proposal_decision_by_another": MakerCannotApprove,
})
