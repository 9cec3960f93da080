"""Votes, archivals, reports, and what finds the newest of what people did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "vote",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.PrimaryKeyConstraint("entry_id", "voter"),
    )
    op.create_table(
        "archival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("archived_by", sa.String(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_by", sa.String(), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_archival_archived_at", "archival", ["archived_at"])
    op.create_index("ix_archival_entry_id", "archival", ["entry_id"])
    op.create_index("ix_archival_restored_at", "archival", ["restored_at"])
    in_force = sa.text("restored_at IS NULL")
    op.create_index(
        "uq_archival_in_force",
        "archival",
        ["entry_id"],
        unique=True,
        sqlite_where=in_force,
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_report_entry_id_id", "report", ["entry_id", "id"])
    op.create_index("ix_revision_author", "revision", ["author"])
    op.create_index("ix_revision_created_at", "revision", ["created_at"])
    op.create_index("ix_suggestion_decided_at", "suggestion", ["decided_at"])
