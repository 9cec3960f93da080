"""Tags, and languages with severities, are counted from an index alone."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("ix_entry_tag_tag", "entry_tag")
    op.create_index("ix_entry_tag_tag_entry_id", "entry_tag", ["tag", "entry_id"])
    op.drop_index("ix_entry_language", "entry")
    op.create_index("ix_entry_language_severity", "entry", ["language", "severity"])
