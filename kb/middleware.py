"""What every request passes on its way in and out, as pure ASGI: no door is reached past it."""

from collections import deque
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import BadRequest, CrossSite, KbError, TooLarge

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Sets the headers that tell browsers what our pages never do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class HeadAsGet:
    """Answers HEAD as it would GET, without the body (RFC 9110, section 9.3.2).

    For the API; a page's route takes HEAD itself, because only what is read is a view.
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
            await send({**message, "body": b""} if "body" in message else message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)


class RequestGuard:
    """Refuses what no door should see: broken text, forms of other sites, huge bodies."""

    def __init__(
        self,
        app: ASGIApp,
        render: Callable[[Request, KbError], Response],
        public_url: str | None,
        unlimited: str,
    ) -> None:
        """Answer with what `render` makes of an error; `public_url` is an address of our own.

        What is sent to the path `unlimited` is limited there.
        """
        self._app = app
        self._unlimited = unlimited
        self._render = render
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the error."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            _require_utf8(scope)
            if scope["method"] not in _SAFE_METHODS:
                _require_same_origin(headers, self._public_url)
            if scope["path"] != self._unlimited:
                receive = await _limited(receive, headers)
        except KbError as error:
            await self._render(Request(scope), error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _require_utf8(scope: Scope) -> None:
    for part in (scope.get("raw_path") or b"", scope["query_string"]):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise BadRequest("The address is not valid UTF-8.") from None


def _require_same_origin(headers: Headers, public_url: str | None) -> None:
    """Refuse a browser's write that another site has caused.

    Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata), older ones in
    Origin; scripts and terminals send neither and carry no cookies either.
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    host = headers.get("host")
    if site is not None:
        allowed = site in {"same-origin", "none"}
    elif origin is not None:
        # Behind a proxy that names another host, people are at the public address.
        ours = [f"http://{host}", f"https://{host}", (public_url or "").rstrip("/")]
        allowed = origin in ours
    else:
        allowed = True
    if not allowed:
        raise CrossSite("Nothing was changed. Open the form here and send it from here.")


async def _limited(receive: Receive, headers: Headers) -> Receive:
    """Return a `receive` whose body is within the limit. Raises TooLarge or BadRequest."""
    too_large = TooLarge(f"A request may have at most {MAX_BODY:,} bytes. Nothing was changed.")
    length = headers.get("content-length")
    if length is not None:
        if not length.isdecimal():
            raise BadRequest("The Content-Length is not a number.")
        if int(length) > MAX_BODY:
            raise too_large
        return receive  # the server reads no more than was announced
    if "transfer-encoding" not in headers:
        return receive
    messages, size, more = deque[Message](), 0, True
    while more:
        messages.append(message := await receive())
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise too_large
        more = message.get("more_body", False)  # and none after a disconnect

    async def replayed() -> Message:
        return messages.popleft() if messages else await receive()

    return replayed
