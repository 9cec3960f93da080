"""The audit log: who did what to whom, kept for good. Triggers refuse to change or remove rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class AuditRecord(SQLModel, table=True):
    """One thing that was done: `by` whom, `about` whom or what, and what else there is to tell."""

    __tablename__ = "audit_record"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    event: str
    by: str
    about: str
    details: dict[str, Any] = Field(sa_type=JSON)
