"""Where nothing is: a page that searches for what may have been meant."""

import re
from collections.abc import Sequence
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from kb.dependencies import runtime_of
from kb.entries.selection import Selection
from kb.errors import KbError, NotFound
from kb.search.results import Search
from kb.search.showing import FoundEntry
from kb.web.errors import Lost, error_page, show_error
from kb.web.frame import Frame, find_frame, frame_of, wants_fragment

NEAREST = 5
"""Entries offered in place of one that there is not."""

_SLUG = re.compile(r"/entries/([^/]{1,200})")
_WORD = re.compile(r"[^\W_]+")


async def not_found(request: Request, error: NotFound) -> Response:
    """Return the error's page; for an entry, with the words of its name and what they find."""
    await find_frame(request)
    if wants_fragment(request):
        return error_page(request, error)
    slug = _SLUG.match(request.url.path)
    words = " ".join(_WORD.findall(slug[1].removesuffix(".md"))) if slug else ""
    frame = frame_of(request)
    nearest: Sequence[FoundEntry] = ()
    with suppress(KbError):  # they are a help; the answer is the error
        nearest = await _nearest(frame, words)
    return show_error(frame, error, lost=Lost(words, nearest))


async def _nearest(frame: Frame, words: str) -> Sequence[FoundEntry]:
    if not words or frame.actor is None or frame.request.method != "GET":
        return ()
    wanted = Search(words, Selection(), limit=NEAREST)
    return (await runtime_of(frame.request).search.search(frame.actor, wanted)).items
