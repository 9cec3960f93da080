"""Merges have two parents; suggestions have authors who can come back to them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("revision", sa.Column("merged_with", sa.Integer(), nullable=True))
    op.add_column("suggestion", sa.Column("author_key", sa.String(), nullable=True))
    op.add_column(
        "suggestion", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("suggestion", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column(
        "suggestion",
        sa.Column("with_changes", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
