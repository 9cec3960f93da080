"""The archive: entries taken out of sight, and brought back."""

from fastapi import APIRouter, Request

from kb.api.addresses import Addresses
from kb.api.problems import problems
from kb.api.schemas import EntryView
from kb.archive import service as archive
from kb.archive.schemas import NewArchival
from kb.dependencies import By, Changing, Kb, Write
from kb.entries import service as entries
from kb.errors import Archived, BadRequest, Conflict, NotFound, TooLarge

router = APIRouter(prefix="/entries/{slug}", tags=["entries"], responses=problems(NotFound))


@router.post(
    "/archive", dependencies=[Changing], responses=problems(BadRequest, TooLarge, Archived)
)
async def archive_entry(
    request: Request, kb: Kb, actor: By, slug: str, body: NewArchival
) -> EntryView:
    """Take an entry out of lists, counts and search; it can still be read by its address."""
    archival = await archive.archive(kb.database, kb.executor, actor, slug, body)
    async with kb.database.read() as session:
        entry = await entries.get(session, actor, slug)
    return EntryView.of(entry, Addresses(request).page(slug), archival)


@router.post("/unarchive", dependencies=[Changing], responses=problems(Conflict))
async def unarchive_entry(request: Request, session: Write, actor: By, slug: str) -> EntryView:
    """Bring an archived entry back to where it was."""
    entry = await archive.restore(session, actor, slug)
    return EntryView.of(entry, Addresses(request).page(slug))
