"""Keys under which callers send a request again, and what it was answered with."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Index, SQLModel


class IdempotencyKey(SQLModel, table=True):
    """A request that came with a key: who is at it, whether it was carried out, and its answer.

    `actor` is the address of visitors who are not known again; `became` is what one of them is
    known by since the answer. `holder` names whoever may carry it out, until `held_until`. `status`
    is null while there is no answer.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_key", "key"),)

    actor: str = Field(primary_key=True)
    request: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    became: str | None = None
    fingerprint: str
    created_at: datetime = Field(index=True)
    holder: str
    held_until: datetime
    carried_out: bool = False
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    body: bytes = b""
