"""Revisions: full snapshots, written once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel


class RevisionKind(StrEnum):
    """How a revision came about."""

    CREATE = "create"
    EDIT = "edit"
    RESTORE = "restore"
    MERGE = "merge"
    IMPORT = "import"


class Revision(SQLModel, table=True):
    """One applied state of an entry. Rows are only ever inserted.

    A merge has two parents: its base, and the revision that was current, `merged_with`.
    """

    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        Index("ix_revision_author_created_at_id", "author", "created_at", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    number: int
    kind: RevisionKind = Field(sa_type=String)
    base: int | None = None
    merged_with: int | None = None
    restored: int | None = None
    author: str
    summary: str
    created_at: datetime = Field(index=True)
    content: dict[str, Any] = Field(sa_type=JSON)
