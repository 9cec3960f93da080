"""A tag's row says when its entry was made, so that lists of a tag have an index in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_LONG_AGO = "1970-01-01 00:00:00.000000"
"""A column of a table that has rows needs a value for them."""


def upgrade() -> None:
    op.add_column(
        "entry_tag",
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=_LONG_AGO
        ),
    )
    op.execute(
        "UPDATE entry_tag SET created_at = (SELECT created_at FROM entry WHERE id = entry_id)"
    )
    op.execute(
        "CREATE TRIGGER entry_tag_created_at AFTER UPDATE OF created_at ON entry "
        "WHEN OLD.created_at <> NEW.created_at BEGIN "
        "UPDATE entry_tag SET created_at = NEW.created_at WHERE entry_id = NEW.id; END"
    )
    op.drop_index("ix_entry_tag_tag_entry_id", "entry_tag")
    op.create_index(
        "ix_entry_tag_tag_created_at_entry_id", "entry_tag", ["tag", "created_at", "entry_id"]
    )
