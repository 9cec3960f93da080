"""How much is searched, and what for in vain."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "search_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "door"),
    )
    op.create_table(
        "wanted_search",
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_asked", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("words"),
    )
    op.create_index("ix_wanted_search_last_asked", "wanted_search", ["last_asked"])
