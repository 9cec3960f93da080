"""Tallies: how many entries have each value of a facet, and each pair of values."""

from sqlmodel import Field, Index, SQLModel


class Tally(SQLModel, table=True):
    """How many entries that are not archived have the value.

    Beside the facets, `day` has those made on that day (UTC), and `unsolved` those without a
    solution. Triggers of the database keep it (migrations 13 and 16), in the transaction that
    changes an entry, its tags, or the archive, whichever way that is written. A migration that
    makes one of those tables anew has to make its triggers anew, too.
    """

    __table_args__ = (Index("ix_tally_facet_entries_value", "facet", "entries", "value"),)

    facet: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    entries: int


class PairTally(SQLModel, table=True):
    """How many entries that are not archived have both values; kept as the tally is (migration 14).

    A pair is there once, the facet first whose name is; of two tags, the tag that is. None is of
    one facet but those of tags: an entry has one value of each other.
    """

    __tablename__ = "pair_tally"
    # Without what changes with each entry: that would have to be written there, too.
    __table_args__ = (
        Index("ix_pair_tally_other_facet_other_value", "other_facet", "other_value"),
        {"sqlite_with_rowid": False},
    )

    facet: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    other_facet: str = Field(primary_key=True)
    other_value: str = Field(primary_key=True)
    entries: int
