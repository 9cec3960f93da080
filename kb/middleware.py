"""What every request passes on its way in and out, as pure ASGI: no door is reached past it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.codings import takes_gzip
from kb.errors import BadRequest, CrossSite, KbError, TooLarge, TooSlow
from kb.hosts import LOOPBACK, Hosts
from kb.monitoring.metrics import Metrics

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""

BODY_SECONDS = 60.0
"""How long a body may take to arrive: the server itself would wait for ever."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = frozenset({"GET", "HEAD", "POST"})
_NO_METHOD = _NO_ROUTE = "other"
_ACCEPTS = b"accept-encoding"
_BREAKS = frozenset(b"\r\n\0")

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # frame-ancestors, for browsers that know no better
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


def security_headers(scope: Scope) -> dict[str, str]:
    """Return the headers that tell browsers what our pages never do.

    Over https, that they will never be had otherwise (RFC 6797). Not on loopback: browsers know a
    host by its name alone, and others serve there, too.
    """
    host = Headers(scope=scope).get("host", "").partition(":")[0]
    lasting = scope["scheme"] == "https" and host != LOOPBACK
    return _SECURITY_HEADERS | _HSTS if lasting else _SECURITY_HEADERS


class SecurityHeaders:
    """Sets the security headers, and lets no header say more than one line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in message["headers"]:
                    # The server writes headers out as they are: a line break would begin another.
                    if not _BREAKS.isdisjoint(value):
                        raise ValueError(f"the header {name!r} would be several lines")
                MutableHeaders(scope=message).update(security_headers(scope))
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Measured:
    """Notes which routes answer how, and how long they take. The first to see a request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Mapping[object, str]) -> None:
        """Name endpoints by what `routes` calls them."""
        self._app = app
        self._metrics = metrics
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), HTTPStatus.INTERNAL_SERVER_ERROR.value

        def noting(message: Message) -> Awaitable[None]:
            nonlocal status
            status = message.get("status", status)
            return send(message)

        self._metrics.heartbeat.asked(started)
        try:
            await self._app(scope, receive, noting)
        finally:
            route = self._routes.get(scope.get("endpoint"), _NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else _NO_METHOD
            self._metrics.answered(method, route, status, perf_counter() - started)


class _Answered(Exception):
    """What a HEAD asks for has been sent: the rest of a stream need not be made."""


class HeadAsGet:
    """Answers HEAD as it would GET, without the body (RFC 9110, section 9.3.2).

    For the API; a page's route takes HEAD itself, because only what is read is a view. A stream
    ends with its first part: an export would read the whole database for nothing.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Do so for paths that begin with `prefix`."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope.get("method") != "HEAD" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if "body" not in message:
                await send(message)
                return
            await send({"type": message["type"], "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _Answered

        with suppress(_Answered):
            await self._app({**scope, "method": "GET"}, receive, send_without_body)


class Gzip(GZipMiddleware):
    """Compresses for who takes it: Starlette's own looks for the word and overlooks a refusal."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        headers = scope.get("headers", ())
        given = b",".join(value for name, value in headers if name == _ACCEPTS)
        if given and not takes_gzip(given):
            scope = {**scope, "headers": [one for one in headers if one[0] != _ACCEPTS]}
        await super().__call__(scope, receive, send)


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
