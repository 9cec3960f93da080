"""What finds the entries without a solution, the most wanted first."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    unsolved = sa.text("solution IS NULL")
    op.create_index(
        "ix_entry_solution_wanted",
        "entry",
        ["votes", "id"],
        sqlite_where=unsolved,
    )
