"""The database's generation: a token that changes with whatever answers show.

Random and not counted up: a database put back from a backup never comes to a token that stood for
another state.
"""

from secrets import token_hex

from sqlalchemy import func
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from kb.db.watch import State
from kb.models import Generation, Outbox


async def state(session: AsyncSession) -> State:
    """Return the state of the last commit."""
    unindexed = select(func.min(Outbox.id)).scalar_subquery()
    return State(*(await session.exec(select(Generation.token, unindexed))).one())


async def advance(session: AsyncSession) -> None:
    """Begin a new generation with this transaction."""
    await session.exec(update(Generation).values(token=token_hex(8)))
