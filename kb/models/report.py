"""Reports: whether an entry is still true."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel


class Report(SQLModel, table=True):
    """Somebody has tried what an entry says. Rows are only ever inserted."""

    __table_args__ = (Index("ix_report_entry_id_id", "entry_id", "id"),)

    id: int = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    revision: int
    holds: bool
    version: str
    note: str
    author: str
    created_at: datetime
