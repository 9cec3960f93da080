"""The numbers."""

from fastapi import APIRouter

from kb.dependencies import By, Kb, Read
from kb.statistics.schemas import Statistics

router = APIRouter(tags=["search"])


@router.get("/stats")
async def statistics(runtime: Kb, session: Read, actor: By) -> Statistics:
    """Tell what is here, what is read and what is searched for, as of a few seconds ago."""
    return await runtime.statistics.numbers(session, actor)
