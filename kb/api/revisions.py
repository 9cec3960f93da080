"""Revisions of an entry: list, get, create."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from kb.api.addresses import Addresses
from kb.api.entries import suggested
from kb.api.etags import base_of, etag
from kb.api.problems import problem_response
from kb.api.schemas import (
    NewRevision,
    RevisionItem,
    RevisionList,
    RevisionView,
    SuggestionView,
    Version,
)
from kb.dependencies import By, Read, Write
from kb.entries import service as entries
from kb.entries.schemas import RevisionNumber
from kb.entries.validation import validate_content
from kb.models import Suggestion
from kb.review import service as review
from kb.revisions import service as revisions
from kb.revisions.service import StaleBase

router = APIRouter(prefix="/entries/{slug}/revisions", tags=["revisions"])


@router.get("")
async def list_revisions(session: Read, actor: By, slug: str) -> RevisionList:
    """List an entry's revisions, the newest first."""
    history = await revisions.history(session, actor, slug)
    items = [RevisionItem.model_validate(revision) for revision in history]
    return RevisionList(items=items, total=len(items))


@router.get("/{number}")
async def get_revision(session: Read, actor: By, slug: str, number: RevisionNumber) -> RevisionView:
    """Return one revision with the whole content it holds."""
    return RevisionView.of(await revisions.get(session, actor, slug, number))


@router.post("", status_code=201, responses={202: {"model": SuggestionView}})
async def create_revision(
    request: Request,
    response: Response,
    session: Write,
    actor: By,
    slug: str,
    body: NewRevision,
    if_match: Annotated[str | None, Header()] = None,
) -> RevisionView | SuggestionView:
    """Change the fields sent; where the caller may only suggest, suggest it (202).

    A base that is no longer the current revision is a 409 with `base`, `theirs` and `yours`.
    """
    base = base_of(if_match, body.base)
    entry = await entries.get(session, actor, slug)
    started_from = await revisions.content_at(session, entry, base)
    content = validate_content(started_from.model_dump() | body.changes())
    try:
        made = await review.propose_revision(
            session, actor, slug, base=base, content=content, summary=body.summary
        )
    except StaleBase as stale:
        return _conflict(stale)  # type: ignore[return-value]
    addresses = Addresses(request)
    if isinstance(made, Suggestion):
        return suggested(response, made, addresses)
    response.headers["Location"] = addresses.revision(slug, made.number)
    response.headers["ETag"] = etag(made.number)
    return RevisionView.of(made)


def _conflict(stale: StaleBase) -> Response:
    """Return the problem with the three contents that somebody needs to merge by hand."""
    base = Version(revision=stale.base, content=stale.started_from)
    theirs = Version(revision=stale.entry.revision, content=entries.content_of(stale.entry))
    return problem_response(
        stale,
        base=base.model_dump(mode="json"),
        theirs=theirs.model_dump(mode="json"),
        yours={"content": stale.yours.model_dump(mode="json")},
    )
