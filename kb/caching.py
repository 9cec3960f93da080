"""Who may keep which answers, and how they find out that one is still good (RFC 9110, RFC 9111).

A route names the state that its answer shows, before it does any work; from that everything else
follows here. What decisions there are stands in docs/decisions/0011-caching.md.
"""

import hashlib
import re
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG = "entity_tag"
_LASTING = "lasting"
_VARY = "vary"

# An entity tag may hold commas: a list of them cannot be split there (RFC 9110, section 8.8.3).
_TAGS = re.compile(r'(?:W/)?("[^"]*")')

_VARIES = ("Accept-Encoding", "Authorization", "Cookie")
_REVALIDATED = "max-age=0, must-revalidate"
_FOREVER = "max-age=31536000, immutable"
_OWN = "private, no-cache"


class NotModified(Exception):
    """The caller has the state already: the answer is a 304."""


def tag_of(*parts: object) -> str:
    """Return a strong entity tag that differs whenever one of the parts does, quotes included."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


def name_state(request: Request, tag: str, *, lasting: bool = False, vary: str = "") -> None:
    """Say which state the answer shows; a `lasting` one never changes.

    `vary` names the request's headers that decide about the form of the answer, apart from those
    that always do.
    """
    request.scope["state"] |= {_TAG: tag, _LASTING: lasting, _VARY: vary}


def unname_state(request: Request) -> None:
    """Say that the answer shows something else than the state that was named: nobody keeps it."""
    request.scope["state"].pop(_TAG, None)


def unless_known(request: Request, tag: str, *, lasting: bool = False, vary: str = "") -> None:
    """Say which state the answer shows, as `name_state` does, before it is made.

    Raises:
        NotModified: the caller has it, by their If-None-Match.
    """
    name_state(request, tag, lasting=lasting, vary=vary)
    if is_known(request.headers.get("if-none-match"), tag):
        raise NotModified


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Say whether the header lists the tag, compared weakly (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAGS.findall(if_none_match)


class CacheRules:
    """Tells browsers and caches between us what they may keep: no answer leaves without a word."""

    def __init__(self, app: ASGIApp, *, shared: bool) -> None:
        """Let caches share what callers without cookie or token get only where that is `shared`."""
        self._app = app
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, headers added."""
        # Routers copy the scope: what is to be seen here has to be in it before they do.
        state = scope.setdefault("state", {})

        async def send_with_rules(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                nobody = not {"cookie", "authorization"} & set(Headers(scope=scope))
                self._rule(message["status"], headers, state, shared=self._shared and nobody)
            await send(message)

        await self._app(scope, receive, send_with_rules)

    def _rule(
        self, status: int, headers: MutableHeaders, state: dict[str, object], *, shared: bool
    ) -> None:
        tag = state.get(_TAG)
        if status >= HTTPStatus.BAD_REQUEST:
            headers["Cache-Control"] = "no-store"
        elif "set-cookie" in headers:
            headers["Cache-Control"] = _OWN
        elif tag and status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            whose = "public" if shared else "private"
            how_long = _FOREVER if state.get(_LASTING) else _REVALIDATED
            headers["Cache-Control"] = f"{whose}, {how_long}" if shared or state[_LASTING] else _OWN
            headers["ETag"] = str(tag)
            headers["Vary"] = ", ".join(sorted({*_VARIES, *str(state[_VARY]).split()}))
        elif "cache-control" not in headers:
            headers["Cache-Control"] = _OWN
