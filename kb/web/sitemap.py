"""The sitemap: every entry's address and when it changed (https://www.sitemaps.org/protocol.html).

In files by the entries' ids, so that each is read from where it begins, however many come before.
"""

from collections.abc import AsyncIterator
from math import ceil

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kb.accounts.policy import Action, Actor, require
from kb.dependencies import By, Kb, Read, base_url, unless_unchanged
from kb.entries import service as entries
from kb.errors import NotFound
from kb.runtime import Runtime
from kb.web.templates import exact, render

router = APIRouter()

FILE = 10_000
"""Addresses of a file at most; the protocol allows 50,000."""

BLOCK = 1_000
"""Addresses that are read and sent at once."""

_XML = "application/xml; charset=utf-8"
_PAGES = ("/", "/start", "/tags", "/stats", "/activity")


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def sitemap(request: Request, kb: Kb, session: Read, actor: By) -> Response:
    """Answer with every address, or with the list of the files that have them."""
    require(actor, Action.READ)
    await unless_unchanged(request)
    files = ceil(await entries.highest_id(session, actor) / FILE)
    if files <= 1:
        return _file(kb, actor, base_url(request), 1)
    body = render("discovery/sitemaps.xml", {"base": base_url(request), "files": files})
    return Response(body, media_type=_XML)


@router.api_route("/sitemap-{number}.xml", methods=["GET", "HEAD"])
async def sitemap_file(request: Request, kb: Kb, session: Read, actor: By, number: int) -> Response:
    """Answer with one file of addresses."""
    require(actor, Action.READ)
    await unless_unchanged(request)
    if not 1 <= number <= ceil(await entries.highest_id(session, actor) / FILE):
        raise NotFound(f"There is no sitemap {number}.")
    return _file(kb, actor, base_url(request), number)


def _file(kb: Runtime, actor: Actor, base: str, number: int) -> Response:
    return StreamingResponse(_urls(kb, actor, base, number), media_type=_XML)


async def _urls(kb: Runtime, actor: Actor, base: str, number: int) -> AsyncIterator[str]:
    """Yield the file a block at a time, so that none holds the loop up for long."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    if number == 1:
        yield _block(base, [(path, "") for path in _PAGES])
    start = (number - 1) * FILE
    for first in range(start + 1, start + FILE + 1, BLOCK):
        async with kb.database.read() as session:
            last = min(first + BLOCK - 1, start + FILE)
            found = await entries.addresses(session, actor, first, last)
        yield _block(base, [(f"/entries/{slug}", exact(at)) for slug, at in found])
    yield "</urlset>\n"


def _block(base: str, urls: list[tuple[str, str]]) -> str:
    return render("discovery/urls.xml", {"base": base, "urls": urls})
