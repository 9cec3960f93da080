"""The one way in which pages send a browser on to another page of ours."""

import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Match, Mount

# Browsers take // and /\ for the beginning of another host, and leave control characters out.
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

HOME = "/"
MAX_PATH = 1_000
"""Characters of an address that somebody is sent back to."""
_ON_THE_WAY = ("/sign-in", "/sign-out", "/join", "/static", "/api")
"""What nobody comes from who then signs in to go on there."""


def see_other(page: str) -> RedirectResponse:
    """Return the answer that has the browser get `page`, a path of ours, whatever it sent.

    Raises:
        ValueError: that is not an address of ours.
    """
    if not _OURS.fullmatch(page):
        raise ValueError(f"{page!r} is not an address of ours")
    return RedirectResponse(page, 303)


def page_before(request: Request) -> str:
    """Return the page of ours that the browser comes from, as it says itself; else the first."""
    before = urlsplit(request.headers.get("referer", ""))
    # Nobody else's page can name another one of ours there.
    if before.netloc.lower() != request.headers.get("host", "").lower():
        return HOME
    return page_named(request, f"{before.path}?{before.query}".rstrip("?"))


def page_named(request: Request, page: str) -> str:
    """Return the path, where it is one of a page of ours that can be gone back to; else the first.

    Whoever sent it may have made it up.
    """
    path = page.partition("?")[0]
    ours = len(page) <= MAX_PATH and _OURS.fullmatch(page)
    if not ours or path.startswith(_ON_THE_WAY):
        return HOME
    scope = {**request.scope, "method": "GET", "path": path}
    routes = [one for one in request.app.router.routes if not isinstance(one, Mount)]
    known = any(one.matches(scope)[0] is Match.FULL for one in routes)
    return page if known else HOME
