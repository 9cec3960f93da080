"""The page of all tags."""

from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from kb.dependencies import Kb, Read
from kb.entries.tags import TagQuery, TagSort
from kb.errors import NotFound
from kb.web.errors import show_error
from kb.web.frame import Revalidated
from kb.web.paging import page_numbers

router = APIRouter()

PAGE_SIZE = 500


class TagsAddress(TagQuery):
    """The address of a page of tags."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    @property
    def canonical(self) -> str:
        """The address that stands for the page in whatever order."""
        return f"/tags?page={self.page}" if self.page > 1 else "/tags"

    def url(self, **changes: object) -> str:
        """Return the address with these changes, on page 1 unless they say which."""
        asked = self.model_dump(exclude_defaults=True, exclude={"page"}) | changes
        return f"/tags?{urlencode(asked)}" if asked else "/tags"


@router.api_route("/tags", methods=["GET", "HEAD"])
async def all_tags(
    frame: Revalidated, kb: Kb, session: Read, address: Annotated[TagsAddress, Query()]
) -> Response:
    """Answer with the tags, how many entries each has, and where to follow it."""
    found = await kb.tags.find(session, frame.visitor, address)
    pages = max(1, ceil(len(found) / PAGE_SIZE))
    if address.page > pages:
        error = NotFound(f"There is no page {address.page}; the last one is {pages}.")
        return show_error(frame, error, (address.url(page=pages), f"Page {pages}"))
    start = (address.page - 1) * PAGE_SIZE
    return frame.page(
        "tags/index.html",
        address=address,
        total=len(found),
        tags=found[start : start + PAGE_SIZE],
        sorts=list(TagSort),
        numbers=page_numbers(address.page, pages) if pages > 1 else [],
    )
