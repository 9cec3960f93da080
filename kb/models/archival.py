"""Archivals: when entries were taken out of sight, why, and when they came back."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, text

_IN_FORCE = text("restored_at IS NULL")


class Archival(SQLModel, table=True):
    """One time that an entry was archived; in force until it is restored.

    A table of its own, and not a column of the entry: lists and counts leave out a few rows here,
    and go on using their indexes.
    """

    __table_args__ = (
        # Named for SQLite alone: an option of another database's would load its dialect, 2 MB.
        Index("uq_archival_in_force", "entry_id", unique=True, sqlite_where=_IN_FORCE),
    )

    id: int = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    reason: str
    archived_by: str
    archived_at: datetime = Field(index=True)
    restored_by: str | None = None
    restored_at: datetime | None = Field(default=None, index=True)
