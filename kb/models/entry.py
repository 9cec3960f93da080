"""Entries in their current state."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Index, SQLModel, text

_UNSOLVED = text("solution IS NULL")
_FACETS = ("category", "severity", "language", "framework")


class Entry(SQLModel, table=True):
    """One entry: the content of its current revision, and what is counted about it."""

    __table_args__ = (
        Index("ix_entry_solution_wanted", "votes", "id", sqlite_where=_UNSOLVED),
        # For the newest of one value, without looking at all that have it; filters by the other
        # facets, and counts of them, read no row of the entry.
        *(
            Index(
                f"ix_entry_{facet}_created_at",
                *(facet, "created_at", "id"),
                *(other for other in _FACETS if other != facet),
            )
            for facet in _FACETS
        ),
    )

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    revision: int
    submitted_by: str
    created_at: datetime = Field(index=True)
    updated_at: datetime = Field(index=True)
    votes: int = Field(default=0, index=True)
    views: int = Field(default=0, index=True)

    title: str
    category: str
    severity: str
    language: str | None = None
    framework: str | None = None
    environment: list[str] = Field(sa_type=JSON)
    tags: list[str] = Field(sa_type=JSON)
    keywords: list[str] = Field(sa_type=JSON)
    error_messages: list[str] = Field(sa_type=JSON)
    problem: str
    solution: str | None = None
    why: str | None = None
    gotchas: list[str] = Field(sa_type=JSON)
    context: str | None = None
    applies_to: str | None = None
    references: list[str] = Field(sa_type=JSON)


class EntryTag(SQLModel, table=True):
    """One tag of one entry, for filters and counts.

    `created_at` is the entry's; a trigger keeps it so (migration 15).
    """

    __tablename__ = "entry_tag"
    # For the newest of a tag, without looking at all that have it. Counts read the index alone.
    __table_args__ = (
        Index("ix_entry_tag_tag_created_at_entry_id", "tag", "created_at", "entry_id"),
    )

    entry_id: int = Field(primary_key=True, foreign_key="entry.id")
    tag: str = Field(primary_key=True)
    created_at: datetime
