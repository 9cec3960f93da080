"""Suggestions: proposed revisions and proposed entries that wait for a review."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel


class SuggestionStatus(StrEnum):
    """Where a suggestion stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    """The entry came to say the same by another way."""


class Suggestion(SQLModel, table=True):
    """A proposed state of an entry, or a proposed entry where `entry_id` is null.

    `author_key` tells its author from every other, `version` counts its author's edits; once it is
    accepted, `revision` is what it became, and `with_changes` says that the reviewer had a hand in
    that. `held` is what speaks against applying it unseen, as `kb.screening` found it; until it is
    accepted, a `confidential` one is for its author and for reviewers alone.
    """

    id: int = Field(default=None, primary_key=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    base: int | None = None
    author: str
    author_key: str | None = None
    version: int = 1
    summary: str
    created_at: datetime
    content: dict[str, Any] = Field(sa_type=JSON)
    status: SuggestionStatus = Field(default=SuggestionStatus.PENDING, sa_type=String, index=True)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, index=True)
    reason: str | None = None
    revision: int | None = None
    with_changes: bool = False
    held: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    confidential: bool = False
