"""Archiving an entry and bringing it back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kb.archive import service as archive
from kb.archive.schemas import NewArchival
from kb.dependencies import Changing, Kb
from kb.entries.validation import validate
from kb.web.forms import read_form
from kb.web.frame import InFrame
from kb.web.redirects import see_other

router = APIRouter(prefix="/entries/{slug}")


@router.post("/archive", dependencies=[Changing])
async def archive_entry(request: Request, frame: InFrame, kb: Kb, slug: str) -> Response:
    """Take the entry out of sight, for the reason in the form."""
    form = await read_form(request)
    form.allow(["reason"])
    new = validate(NewArchival, {"reason": form.one("reason")})
    await archive.archive(kb.database, kb.executor, frame.visitor, slug, new)
    return see_other(f"/entries/{slug}")


@router.post("/unarchive", dependencies=[Changing])
async def unarchive_entry(frame: InFrame, kb: Kb, slug: str) -> Response:
    """Bring the entry back."""
    async with kb.database.write() as session:
        await archive.restore(session, frame.visitor, slug)
    return see_other(f"/entries/{slug}")
