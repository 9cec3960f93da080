"""The database's generation: a token that changes with whatever answers show.

Random and not counted up: a database put back from a backup never comes to a token that stood for
another state. `kb.db.watch` reads it for each request.
"""

from secrets import token_hex

from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from kb.models import Generation


async def current(session: AsyncSession) -> str:
    """Return the token of the last commit."""
    return (await session.exec(select(Generation.token))).one()


async def advance(session: AsyncSession) -> None:
    """Begin a new generation with this transaction."""
    await session.exec(update(Generation).values(token=token_hex(8)))
