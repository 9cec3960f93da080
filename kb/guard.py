"""What is refused before any door sees it: broken text, names not ours, foreign forms, huge bodies.

Pure ASGI, as `kb.middleware` is.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import BadRequest, CrossSite, KbError, TooLarge, TooSlow
from kb.hosts import Hosts

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""

BODY_SECONDS = 60.0
"""How long a body may take to arrive: the server itself would wait for ever."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestGuard:
    """Refuses what no door should see.

    Broken text, names that are not ours, forms of other sites, bodies too large or too slow.
    """

    def __init__(
        self,
        app: ASGIApp,
        render: Callable[[Request, KbError], Response],
        hosts: Hosts,
        public_url: str | None,
        unlimited: str,
    ) -> None:
        """Answer with what `render` makes of an error; `public_url` is an address of our own.

        What is sent to the path `unlimited` is limited there.
        """
        self._app = app
        self._hosts = hosts
        self._unlimited = unlimited
        self._render = render
        self._public_origin = _origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the error."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            _require_utf8(scope)
            self._hosts.require_ours(headers.getlist("host"))
            if scope["method"] not in _SAFE_METHODS:
                self._require_same_origin(scope["scheme"], headers)
            if scope["path"] != self._unlimited:
                receive = await _limited(receive, headers)
        except KbError as error:
            await self._render(Request(_nameless(scope)), error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _require_same_origin(self, scheme: str, headers: Headers) -> None:
        """Refuse a browser's write that another site has caused, also of the same domain.

        Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata), over plain
        http and in older ones in Origin; scripts and terminals send neither. A browser that
        hides its origin (`null`) may come from anywhere.
        """
        site = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        host = headers.get("host", "").lower()
        if site is not None:
            allowed = site in {"same-origin", "none"}
        elif origin is not None:
            # A proxy may name another host, or turn https into http; never the other way round.
            ours = {f"{scheme}://{host}", f"https://{host}", self._public_origin}
            allowed = origin.lower() in ours
        else:
            allowed = True
        if not allowed:
            raise CrossSite("Nothing was changed. Open the form here and send it from here.")


def _origin_of(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _nameless(scope: Scope) -> Scope:
    """Return the request without the host it named, so that no refusal repeats it as our own."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": headers}


def _require_utf8(scope: Scope) -> None:
    for part in (scope.get("raw_path") or b"", scope["query_string"]):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise BadRequest("The address is not valid UTF-8.") from None


async def _limited(receive: Receive, headers: Headers) -> Receive:
    """Return a `receive` whose body is within the limits. Raises TooLarge, TooSlow, BadRequest."""
    too_large = TooLarge(f"A request may have at most {MAX_BODY:,} bytes. Nothing was changed.")
    length = headers.get("content-length")
    if length is not None:
        if not length.isdecimal():
            raise BadRequest("The Content-Length is not a number.")
        if int(length) > MAX_BODY:
            raise too_large
        return _in_time(receive)  # the server reads no more than was announced
    if "transfer-encoding" not in headers:
        return receive
    timed = _in_time(receive)
    messages, size, more = deque[Message](), 0, True
    while more:
        messages.append(message := await timed())
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise too_large
        more = message.get("more_body", False)  # and none after a disconnect

    async def replayed() -> Message:
        return messages.popleft() if messages else await receive()

    return replayed


def _in_time(receive: Receive) -> Receive:
    """Return a `receive` that raises TooSlow where the whole body is not there in time."""
    until = asyncio.get_running_loop().time() + BODY_SECONDS
    complete = False

    async def timed() -> Message:
        nonlocal complete
        if complete:
            return await receive()  # which waits for the caller to go away
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            late = f"The request took over {BODY_SECONDS:.0f} seconds to arrive."
            raise TooSlow(f"{late} Nothing was changed.") from None
        complete = not message.get("more_body", False)
        return message

    return timed
