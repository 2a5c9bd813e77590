"""Proposals that wait for a second person, how they were decided, and who recorded which entries; all append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Big, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEYS = {"proposal": ("partnership_key", "number"), "proposal_decision": ("partnership_key", "number"),
        "recording": ("partnership_key", "first_entry")}

# Nobody approves what the same person proposed, nor with the same key, whatever the code above says.
SAME_PERSON = ("SELECT 1 FROM proposal p WHERE p.partnership_key = NEW.partnership_key AND p.number = NEW.number "
               "AND (lower(trim(p.person)) = lower(trim(NEW.person)) OR p.made_by = NEW.decided_by)")
BY_ANOTHER_SQLITE = f"""
CREATE TRIGGER proposal_decision_by_another BEFORE INSERT ON proposal_decision
WHEN NEW.verdict = 'approved' AND EXISTS ({SAME_PERSON})
BEGIN SELECT RAISE(ABORT, 'proposal_decision_by_another: its maker cannot approve it'); END"""
BY_ANOTHER_POSTGRESQL = (
    f"""
CREATE FUNCTION proposal_decision_by_another() RETURNS trigger LANGUAGE plpgsql
SET search_path = {{schema}}, pg_temp AS $$
BEGIN
  IF NEW.verdict = 'approved' AND EXISTS ({SAME_PERSON}) THEN
    PERFORM refuse('proposal_decision_by_another', 'its maker cannot approve it');
  END IF;
  RETURN NEW;
END $$""",
    "CREATE TRIGGER proposal_decision_by_another BEFORE INSERT ON proposal_decision FOR EACH ROW "
    "EXECUTE FUNCTION proposal_decision_by_another()",
    "ALTER TABLE proposal_decision ENABLE ALWAYS TRIGGER proposal_decision_by_another")


def upgrade() -> None:
    """Makes the three tables and the triggers that keep them."""
    _proposals()
    _decisions()
    _recordings()
    bind = op.get_bind()
    for table, key in KEYS.items():
        for sql in append_only.statements(bind.dialect.name, table, key):
            bind.exec_driver_sql(sql)
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql(BY_ANOTHER_SQLITE)
        return
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for sql in BY_ANOTHER_POSTGRESQL:
        bind.exec_driver_sql(sql.replace("{schema}", schema))


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_proposal_number")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_proposal_sha256")),
        sa.CheckConstraint("person <> ''", name=op.f("ck_proposal_person")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_proposal_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_proposal")),
        sqlite_strict=True,
    )
    op.create_index("ix_proposal_sha256", "proposal", ["partnership_key", "sha256"])


def _decisions() -> None:
    op.create_table(
        "proposal_decision",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_number", Big, nullable=True),
        sa.CheckConstraint("verdict IN ('approved', 'rejected', 'withdrawn')",
                           name=op.f("ck_proposal_decision_verdict")),
        sa.CheckConstraint("(verdict = 'approved') = (entry_number IS NOT NULL)",
                           name=op.f("ck_proposal_decision_entry")),
        sa.CheckConstraint("verdict <> 'rejected' OR reason <> ''", name=op.f("ck_proposal_decision_reason")),
        sa.CheckConstraint("person <> ''", name=op.f("ck_proposal_decision_person")),
        sa.ForeignKeyConstraint(["partnership_key", "number"], ["proposal.partnership_key", "proposal.number"],
                                name="fk_proposal_decision_proposal"),
        sa.ForeignKeyConstraint(["partnership_key", "entry_number"], ["entry.partnership_key", "entry.number"],
                                name="fk_proposal_decision_entry"),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_proposal_decision")),
        sqlite_strict=True,
    )


def _recordings() -> None:
    op.create_table(
        "recording",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("first_entry", Big, nullable=False, autoincrement=False),
        sa.Column("last_entry", Big, nullable=False, autoincrement=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.CheckConstraint("first_entry >= 1 AND last_entry >= first_entry", name=op.f("ck_recording_range")),
        sa.ForeignKeyConstraint(["partnership_key", "last_entry"], ["entry.partnership_key", "entry.number"],
                                name="fk_recording_entry"),
        sa.PrimaryKeyConstraint("partnership_key", "first_entry", name=op.f("pk_recording")),
        sqlite_strict=True, sqlite_with_rowid=False,
    )
