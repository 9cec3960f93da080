"""SQL about what callers have spent."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam
from sqlmodel import col, delete, insert, select

from kb.db.database import WriteSession
from kb.models import Spending

_AT_ONCE = 500
"""Names in one statement, well under what SQLite takes."""


async def take(session: WriteSession, names: Iterable[str], now: int) -> dict[str, int]:
    """Return until when each name has spent, of those that have; forget who has earned it again.

    `now` and the values are in microseconds since 1970.
    """
    await session.exec(delete(Spending).where(col(Spending.until) <= now))
    found: dict[str, int] = {}
    left = list(names)
    while left:
        some, left = left[:_AT_ONCE], left[_AT_ONCE:]
        query = select(Spending.name, Spending.until).where(col(Spending.name).in_(some))
        found.update((await session.exec(query)).all())
    return found


async def keep(session: WriteSession, spent: Mapping[str, int]) -> None:
    """Write until when each name has spent."""
    rows = [{"name": name, "until": until} for name, until in spent.items()]
    connection = await session.connection()
    old = delete(Spending).where(col(Spending.name) == bindparam("name"))
    await connection.execute(old, rows)
    await connection.execute(insert(Spending), rows)
