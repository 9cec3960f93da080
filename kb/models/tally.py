"""The tally: how many entries have each value of a facet."""

from sqlmodel import Field, Index, SQLModel


class Tally(SQLModel, table=True):
    """How many entries that are not archived have the value.

    Triggers of the database keep it (migration 13), in the transaction that changes an entry, its
    tags, or the archive, whichever way that is written. A migration that makes one of those tables
    anew has to make its triggers anew, too.
    """

    __table_args__ = (Index("ix_tally_facet_entries_value", "facet", "entries", "value"),)

    facet: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    entries: int
