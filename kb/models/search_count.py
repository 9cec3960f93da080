"""How much is searched, and what for in vain. Who searched is written down nowhere."""

from datetime import date

from sqlmodel import Field, SQLModel


class SearchCount(SQLModel, table=True):
    """The searches of a day through one door: those that found something, and those that did not.

    Days are those of UTC.
    """

    __tablename__ = "search_count"

    day: date = Field(primary_key=True)
    door: str = Field(primary_key=True)
    found: int = 0
    missed: int = 0


class WantedSearch(SQLModel, table=True):
    """Words that were searched for and not found."""

    __tablename__ = "wanted_search"

    words: str = Field(primary_key=True)
    times: int
    last_asked: date = Field(index=True)
