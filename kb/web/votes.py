"""Votes on entries."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kb.dependencies import ByKnown, Changing, Kb
from kb.entries.validation import validate
from kb.votes import service as votes
from kb.votes.schemas import NewVote
from kb.web.forms import read_form
from kb.web.frame import InFrame, wants_fragment
from kb.web.redirects import see_other

router = APIRouter(prefix="/entries/{slug}/vote")

_VALUES = {"1": 1, "0": 0, "-1": -1}


@router.post("", dependencies=[Changing])
async def vote(request: Request, frame: InFrame, kb: Kb, actor: ByKnown, slug: str) -> Response:
    """Vote; htmx gets the votes as they stand now, a browser without it the entry's page."""
    form = await read_form(request)
    form.allow(["value"])
    value = form.one("value")
    new = validate(NewVote, {"value": _VALUES.get(value, value)})
    async with kb.database.write() as session:
        tally = await votes.cast(session, actor, slug, new.value)
    if wants_fragment(request):
        return frame.page("votes/_votes.html", slug=slug, tally=tally, open=True)
    return see_other(f"/entries/{slug}")
