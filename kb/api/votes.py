"""Votes on entries."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kb.api.problems import problems
from kb.dependencies import ByKnown, Changing, Write
from kb.errors import Archived, BadRequest, NotFound, TooLarge
from kb.votes import service as votes
from kb.votes.schemas import NewVote

router = APIRouter(prefix="/entries/{slug}/votes", tags=["entries"])


class TallyView(BaseModel):
    """How the votes on an entry stand."""

    votes: Annotated[int, Field(description="up less down")]
    value: Annotated[int, Field(description="the caller's own: 1, 0 or -1")]


@router.post(
    "", dependencies=[Changing], responses=problems(BadRequest, TooLarge, NotFound, Archived)
)
async def cast_vote(session: Write, actor: ByKnown, slug: str, body: NewVote) -> TallyView:
    """Vote on an entry, once a caller: a later vote takes the place of the one before."""
    tally = await votes.cast(session, actor, slug, body.value)
    return TallyView(votes=tally.votes, value=tally.mine)
