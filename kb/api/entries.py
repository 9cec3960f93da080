"""Entries: list, get, create; and their tags."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from kb.accounts.policy import Action, require
from kb.answers import reusable
from kb.api.addresses import Addresses
from kb.api.etags import etag
from kb.api.fields import only, small
from kb.api.negotiation import MARKDOWN, prefers_markdown
from kb.api.problems import problems
from kb.api.queries import EntryQuery, ListQuery
from kb.api.schemas import (
    EntryList,
    EntryPart,
    EntryView,
    HeldReason,
    ListedEntry,
    NewEntry,
    SuggestionView,
    TagCount,
    TagList,
)
from kb.archive import service as archive
from kb.caching import name_state, unless_known
from kb.dependencies import By, ByKnown, Changing, Kb, Read, unless_unchanged
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.tags import TagQuery
from kb.errors import BadRequest, Conflict, NotFound, TooLarge
from kb.models import Suggestion
from kb.review import service as review

router = APIRouter(tags=["entries"])

_COUNTS = {"votes", "views"}
"""The fields that change without a revision: who asks for them by name gets them as they are."""

SUGGESTED: dict[int | str, dict[str, Any]] = {
    202: {"model": SuggestionView, "description": "It waits for a review"}
}
"""What the description says of calls that suggest for whom they may not do more."""


@router.get("/entries", response_model=EntryList)
async def list_entries(
    request: Request,
    response: Response,
    session: Read,
    actor: By,
    query: Annotated[ListQuery, Query()],
) -> EntryList | Response:
    """List entries by facets, a page at a time."""
    require(actor, Action.READ)
    await unless_unchanged(request)
    walk = await entries.walk(
        session, actor, query, query.sort, limit=query.limit, cursor=query.cursor
    )
    if walk.next:
        response.headers["Link"] = Addresses(request).next_page(walk.next)
    addresses = Addresses(request)
    items = [
        ListedEntry(**entry.model_dump(), url=addresses.page(entry.slug)) for entry in walk.items
    ]
    answer = EntryList(items=list(items), total=walk.total, next=walk.next)
    return small(answer, query.fields, response) if query.fields else answer


@router.post(
    "/entries",
    dependencies=[Changing],
    status_code=201,
    response_model=EntryView,
    responses=SUGGESTED | problems(BadRequest, TooLarge, Conflict),
)
async def create_entry(
    request: Request, response: Response, kb: Kb, actor: ByKnown, body: NewEntry
) -> EntryView | Response:
    """Create an entry; where the caller may only suggest, suggest it (202).

    So is what looks like a secret, or like instructions to an agent: `held` says what, and where.
    """
    content = EntryContent.stored(body.__dict__)
    created = await review.propose_entry(kb.database, kb.executor, actor, content, body.summary)
    addresses = Addresses(request)
    if isinstance(created, Suggestion):
        return suggested(created, addresses)
    response.headers["Location"] = addresses.entry(created.slug)
    response.headers["ETag"] = etag(created.revision)
    return EntryView.of(created, addresses.page(created.slug))


@router.get(
    "/entries/{slug}",
    response_model=EntryView | EntryPart,
    responses={
        200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}},
        **problems(NotFound),
    },
)
async def get_entry(
    request: Request,
    response: Response,
    kb: Kb,
    session: Read,
    actor: By,
    slug: str,
    query: Annotated[EntryQuery, Query()],
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> EntryView | Response:
    """Return an entry, or its Markdown file; its ETag names the revision. An archived one has none.

    With `Accept: text/markdown`, the answer is the file that `kb import` takes.
    """
    markdown = prefers_markdown(accept) and not query.fields
    response.headers["Vary"] = "Accept"
    counts = bool(_COUNTS & set(query.fields))
    if not counts:
        await reusable(request, kb.database)
    standing = await entries.standing(session, actor, slug)
    if not standing.archived and not counts:
        unless_known(request, etag(standing.revision, markdown=markdown), vary="Accept")
    entry = await entries.get(session, actor, slug)
    archival = await archive.archival_of(session, entry) if standing.archived else None
    if not standing.archived:
        # What is edited next starts from this one, though another was made since it was asked for.
        name_state(request, etag(entry.revision, markdown=markdown), vary="Accept")
    if markdown:
        text = await archive.file_of(session, entry)
        return Response(text, headers=dict(response.headers), media_type=MARKDOWN)
    view = EntryView.of(entry, Addresses(request).page(slug), archival)
    if query.fields:
        return JSONResponse(only(view, query.fields), headers=dict(response.headers))
    return view


@router.get("/tags")
async def list_tags(
    request: Request, kb: Kb, session: Read, actor: By, query: Annotated[TagQuery, Query()]
) -> TagList:
    """List every tag with the number of its entries, or those that hold `q`."""
    require(actor, Action.READ)
    await unless_unchanged(request)
    found = await kb.tags.find(session, actor, query)
    items = [TagCount(tag=one.tag, count=one.count) for one in found]
    return TagList(items=items, total=len(items))


def suggested(suggestion: Suggestion, addresses: Addresses) -> Response:
    """Return the 202 from which a caller learns about a suggestion just made."""
    url = addresses.suggestion(suggestion.id)
    held = [HeldReason(**one) for one in suggestion.held]
    view = SuggestionView(id=suggestion.id, base=suggestion.base, url=url, held=held)
    return JSONResponse(view.model_dump(mode="json"), 202, {"Location": url})
