"""What callers have spent of what they may do."""

from sqlmodel import BigInteger, Field, SQLModel


class Spending(SQLModel, table=True):
    """The moment, in microseconds since 1970, at which all that a caller has spent is earned."""

    __tablename__ = "spending"

    name: str = Field(primary_key=True)
    until: int = Field(sa_type=BigInteger)
