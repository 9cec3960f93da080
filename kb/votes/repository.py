"""SQL about votes."""

from sqlmodel import col, delete

from kb.db.database import ReadSession, WriteSession
from kb.models import Vote


async def value_of(session: ReadSession, entry_id: int, voter: str) -> int:
    """Return the voter's vote on the entry; 0 where there is none."""
    vote = await session.get(Vote, (entry_id, voter))
    return vote.value if vote else 0


async def put(session: WriteSession, entry_id: int, voter: str, value: int) -> None:
    """Write the voter's vote on the entry, in place of the one before."""
    if value:
        await session.merge(Vote(entry_id=entry_id, voter=voter, value=value))
    else:
        mine = (col(Vote.entry_id) == entry_id, col(Vote.voter) == voter)
        await session.exec(delete(Vote).where(*mine))
    await session.flush()
