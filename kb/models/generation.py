"""The generation: what names the state of everything that answers show."""

from sqlmodel import Field, SQLModel


class Generation(SQLModel, table=True):
    """The one row of its table; each transaction that changes what is shown writes a new token."""

    id: int = Field(default=None, primary_key=True)
    token: str
