"""The one way in which pages send a browser on to another page of ours."""

import re

from starlette.responses import RedirectResponse

# Browsers take // and /\ for the beginning of another host, and leave control characters out.
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def see_other(page: str) -> RedirectResponse:
    """Return the answer that has the browser get `page`, a path of ours, whatever it sent.

    Raises:
        ValueError: that is not an address of ours.
    """
    if not _OURS.fullmatch(page):
        raise ValueError(f"{page!r} is not an address of ours")
    return RedirectResponse(page, 303)
