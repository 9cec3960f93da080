"""What speaks against applying a suggestion unseen, and whether others may read it meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("suggestion", sa.Column("held", sa.JSON, nullable=False, server_default="[]"))
    op.add_column(
        "suggestion",
        sa.Column("confidential", sa.Boolean, nullable=False, server_default=sa.false()),
    )
