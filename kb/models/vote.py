"""Votes: what each caller thinks of an entry."""

from sqlmodel import Field, SQLModel


class Vote(SQLModel, table=True):
    """A caller's vote on an entry: 1 or -1. The sum is kept in the entry."""

    entry_id: int = Field(primary_key=True, foreign_key="entry.id")
    voter: str = Field(primary_key=True)
    value: int
