"""The outbox: which entries the search index has yet to take in."""

from sqlmodel import Field, SQLModel


class Outbox(SQLModel, table=True):
    """An entry was changed by the transaction that wrote this row."""

    # AUTOINCREMENT: a number is never given twice, so "up to number n" stays true.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    entry_id: int
