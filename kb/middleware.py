"""What every request passes on its way in and out, as pure ASGI: no door is reached past it."""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.codings import takes_gzip
from kb.hosts import LOOPBACK
from kb.monitoring.metrics import Metrics

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
