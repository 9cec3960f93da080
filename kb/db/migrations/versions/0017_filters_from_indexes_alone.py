"""Whether an entry of one facet's value passes filters by others is read from the index alone."""

from alembic import op

revision = "0017"
down_revision = "0016"

_FACETS = ("category", "severity", "language", "framework")


def upgrade() -> None:
    for facet in _FACETS:
        others = [other for other in _FACETS if other != facet]
        name = f"ix_entry_{facet}_created_at"
        op.drop_index(name, "entry")
        op.create_index(name, "entry", [facet, "created_at", "id", *others])
    op.drop_index("ix_entry_language_severity", "entry")
