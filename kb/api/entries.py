"""Entries: list, get, create; and their tags."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from kb.api.addresses import Addresses
from kb.api.etags import etag, is_current
from kb.api.schemas import (
    EntryList,
    EntryView,
    ListedEntry,
    ListQuery,
    NewEntry,
    SuggestionView,
    TagCount,
    TagList,
)
from kb.archive import service as archive
from kb.dependencies import By, ByKnown, Kb, Read, Write
from kb.entries import service as entries
from kb.entries.schemas import EntryContent
from kb.entries.tags import TagQuery
from kb.models import Suggestion
from kb.review import service as review

router = APIRouter(tags=["entries"])


@router.get("/entries")
async def list_entries(
    request: Request,
    response: Response,
    session: Read,
    actor: By,
    query: Annotated[ListQuery, Query()],
) -> EntryList:
    """List entries by facets, a page at a time."""
    walk = await entries.walk(
        session, actor, query, query.sort, limit=query.limit, cursor=query.cursor
    )
    if walk.next:
        response.headers["Link"] = Addresses(request).next_page(walk.next)
    addresses = Addresses(request)
    items = [
        ListedEntry(**entry.model_dump(), url=addresses.page(entry.slug)) for entry in walk.items
    ]
    return EntryList(items=items, total=walk.total, next=walk.next)


@router.post("/entries", status_code=201, responses={202: {"model": SuggestionView}})
async def create_entry(
    request: Request, response: Response, session: Write, actor: ByKnown, body: NewEntry
) -> EntryView | SuggestionView:
    """Create an entry; where the caller may only suggest, suggest it (202)."""
    content = EntryContent.stored(body.__dict__)
    created = await review.propose_entry(session, actor, content, body.summary)
    addresses = Addresses(request)
    if isinstance(created, Suggestion):
        return suggested(response, created, addresses)
    response.headers["Location"] = addresses.entry(created.slug)
    response.headers["ETag"] = etag(created.revision)
    return EntryView.of(created, addresses.page(created.slug))


@router.get("/entries/{slug}", responses={304: {"description": "You have this state already"}})
async def get_entry(
    request: Request,
    response: Response,
    session: Read,
    actor: By,
    slug: str,
    if_none_match: Annotated[str | None, Header()] = None,
) -> EntryView:
    """Return an entry; its ETag names the revision. An archived one has none."""
    entry = await entries.get(session, actor, slug)
    url = Addresses(request).page(slug)
    if archival := await archive.archival_of(session, entry):
        return EntryView.of(entry, url, archival)
    if is_current(if_none_match, entry.revision):
        return Response(status_code=304, headers={"ETag": etag(entry.revision)})  # type: ignore[return-value]
    response.headers["ETag"] = etag(entry.revision)
    return EntryView.of(entry, url)


@router.get("/tags", tags=["search"])
async def list_tags(
    kb: Kb, session: Read, actor: By, query: Annotated[TagQuery, Query()]
) -> TagList:
    """List every tag with the number of its entries, or those that hold `q`."""
    found = await kb.tags.find(session, actor, query)
    items = [TagCount(tag=one.tag, count=one.count) for one in found]
    return TagList(items=items, total=len(items))


def suggested(response: Response, suggestion: Suggestion, addresses: Addresses) -> SuggestionView:
    """Return what a caller learns about a suggestion just made, and set the 202 that says so."""
    url = addresses.suggestion(suggestion.id)
    response.status_code = 202
    response.headers["Location"] = url
    return SuggestionView(id=suggestion.id, base=suggestion.base, url=url)
