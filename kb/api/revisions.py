"""Revisions of an entry: list, get, compare, create, restore."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from kb import __version__
from kb.accounts.policy import Action, require
from kb.answers import reusable
from kb.api.addresses import Addresses
from kb.api.conflicts import CONFLICT, stale_response
from kb.api.entries import SUGGESTED, suggested
from kb.api.etags import base_of, etag
from kb.api.problems import problems
from kb.api.queries import HistoryQuery
from kb.api.schemas import (
    Comparison,
    NewRevision,
    RevisionItem,
    RevisionList,
    RevisionView,
)
from kb.caching import tag_of, unless_known
from kb.dependencies import By, ByKnown, Changing, Kb, Read
from kb.entries import service as entries
from kb.entries.schemas import RevisionNumber
from kb.entries.validation import validate_content
from kb.errors import Archived, BadRequest, BaseRequired, Conflict, NotFound, TooLarge
from kb.models import Revision, Suggestion
from kb.review import service as review
from kb.revisions import history
from kb.revisions import service as revisions
from kb.revisions.diff import compare
from kb.revisions.service import StaleBase

router = APIRouter(prefix="/entries/{slug}", tags=["revisions"], responses=problems(NotFound))


@router.get("/revisions")
async def list_revisions(
    request: Request,
    response: Response,
    kb: Kb,
    session: Read,
    actor: By,
    slug: str,
    query: Annotated[HistoryQuery, Query()],
) -> RevisionList:
    """List an entry's revisions, the newest first, a page at a time."""
    await reusable(request, kb.database)
    standing = await entries.standing(session, actor, slug)
    unless_known(request, etag(standing.revision))
    walk = await history.walk(session, actor, slug, limit=query.limit, cursor=query.cursor)
    if walk.next:
        response.headers["Link"] = Addresses(request).next_page(walk.next)
    items = [RevisionItem.model_validate(revision) for revision in walk.items]
    return RevisionList(items=items, total=walk.total, next=walk.next)


@router.get("/compare/{a}...{b}")
async def compare_revisions(
    request: Request, session: Read, actor: By, kb: Kb, slug: str, a: str, b: str
) -> Comparison:
    """Return what differs between any two revisions of the entry."""
    await reusable(request, kb.database)
    old, new = await history.two(session, actor, slug, a, b)
    unless_known(request, tag_of(__version__, old.id, new.id))
    await session.release()
    fields = await kb.executor.cpu(compare, history.content_of(old), history.content_of(new))
    return Comparison(
        a=RevisionItem.model_validate(old), b=RevisionItem.model_validate(new), fields=fields
    )


@router.get("/revisions/{number}")
async def get_revision(
    request: Request, kb: Kb, session: Read, actor: By, slug: str, number: RevisionNumber
) -> RevisionView:
    """Return one revision with the whole content it holds."""
    await reusable(request, kb.database)
    standing = await entries.standing(session, actor, slug)
    if number <= standing.revision:
        unless_known(request, etag(number), lasting=True)
    return RevisionView.of(await history.get(session, actor, slug, number))


@router.post(
    "/revisions",
    dependencies=[Changing],
    status_code=201,
    response_model=RevisionView,
    responses=SUGGESTED | CONFLICT | problems(BadRequest, TooLarge, BaseRequired),
)
async def create_revision(
    request: Request,
    response: Response,
    actor: ByKnown,
    kb: Kb,
    slug: str,
    body: NewRevision,
    if_match: Annotated[str | None, Header()] = None,
) -> RevisionView | Response:
    """Change the fields sent; where the caller may only suggest, suggest it (202).

    So is what looks like a secret, or like instructions to an agent: `held` says what, and where.

    A base that is no longer the current revision is merged with it where the changes do not touch
    (`"merged": true`); else the answer is a 409 with `base`, `theirs`, `yours` and `conflicts`.
    """
    require(actor, Action.SUGGEST)
    base = base_of(if_match, body.base)
    async with kb.database.read() as session:
        entry = await entries.get(session, actor, slug)
        started_from = await revisions.content_at(session, entry, base)
    content = validate_content(started_from.model_dump() | body.changes())
    try:
        made = await review.propose_revision(
            kb.database, kb.executor, actor, slug, base=base, content=content, summary=body.summary
        )
    except StaleBase as stale:
        return stale_response(stale)
    addresses = Addresses(request)
    if isinstance(made, Suggestion):
        return suggested(made, addresses)
    return _created(response, made, addresses.revision(slug, made.number))


@router.post(
    "/revisions/{number}/restore",
    dependencies=[Changing],
    status_code=201,
    responses=problems(Archived, Conflict),
)
async def restore_revision(
    request: Request,
    response: Response,
    actor: By,
    kb: Kb,
    slug: str,
    number: RevisionNumber,
    if_match: Annotated[str | None, Header()] = None,
) -> RevisionView:
    """Make what an old revision says the newest revision.

    With If-Match, only while the entry is at that revision; else the answer is a 409.
    """
    base = base_of(if_match, None) if if_match is not None else None
    made = await review.propose_restore(kb.database, kb.executor, actor, slug, number, base=base)
    return _created(response, made, Addresses(request).revision(slug, made.number))


def _created(response: Response, made: Revision, address: str) -> RevisionView:
    response.headers["Location"] = address
    response.headers["ETag"] = etag(made.number)
    return RevisionView.of(made)
