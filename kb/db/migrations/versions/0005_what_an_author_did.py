"""What finds the newest revisions of one author, however many there are."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index("ix_revision_author", "revision")
    op.create_index(
        "ix_revision_author_created_at_id", "revision", ["author", "created_at", "id"]
    )
