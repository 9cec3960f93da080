"""Answers that are given again: whole, compressed, with headers, for as long as they are right.

What a visitor without cookie or token gets depends on the address, on a few of the request's
headers, and on the state of the database and its index. So it is kept by the first two, and let go
with the third (docs/decisions/0017-answers.md). A route says that its answer may be kept
(`reusable`), and what is to be done whenever it is given again (`on_reuse`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb import clock
from kb.caching import is_known
from kb.codings import takes_gzip
from kb.db.database import Database
from kb.db.watch import State
from kb.errors import KbError
from kb.keeping import Kept

MAX_BYTES = 8_000_000
"""What is kept in all."""

MAX_ANSWER = 1_000_000
"""Bytes of a body that is kept."""

MAX_ADDRESS = 2_000
"""Bytes of an address, with the headers that decide, whose answer is kept: nobody pastes the same
stack trace twice."""

MAX_FORMS = 16
"""Answers that are kept of one address, to requests with different headers."""

LASTS = 60.0
"""Seconds for which a body is given again: pages show views, and those are part of no state."""

_HOUR = 3600
"""Seconds after which entity tags change at the latest (`kb.dependencies.unless_unchanged`)."""

_OVERHEAD = 2_000
"""Bytes that an answer takes besides its body: headers, mostly."""

_REUSE = "reuse"
_APART = frozenset({b"cookie", b"authorization", b"content-length", b"transfer-encoding"})
_ABOUT_BODY = frozenset({b"content-type", b"content-length", b"content-encoding"})

Again = Callable[[Request], None]
_Headers = dict[bytes, bytes]
_Address = tuple[bytes, ...]
_Form = tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class _Reuse:
    """That an answer may be given again in this state, and what is to be done then."""

    state: State
    endpoint: object
    """What made it, for whoever measures."""
    again: list[Again] = field(default_factory=list)


async def reusable(request: Request, database: Database) -> State:
    """Say that who asks the same gets this answer until something changes; return the state.

    To be called before anything is read. Only what `CacheRules` makes public is kept.
    """
    state = await database.state()
    request.scope["state"][_REUSE] = _Reuse(state, request.scope["endpoint"])
    return state


def on_reuse(request: Request, do: Again) -> None:
    """Have this done with each later request that is given the answer to this one.

    Where it raises a KbError, that request goes through the routes.
    """
    if reuse := request.scope["state"].get(_REUSE):
        reuse.again.append(do)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer; `body` is None where all that is known is that a tag stands for it.

    The tag holds until `tag_until`, the body until `body_until`, both in seconds since 1970.
    """

    tag: str
    tag_until: float
    body_until: float
    headers: list[tuple[bytes, bytes]]
    body: bytes | None
    endpoint: object
    again: tuple[Again, ...]

    async def give(self, headers: _Headers, scope: Scope, send: Send) -> bool:
        """Answer a request with these headers; return False where it has to be made anew."""
        now, known = clock.now().timestamp(), headers.get(b"if-none-match")
        if known and now < self.tag_until and is_known(known.decode("latin-1"), self.tag):
            scope["endpoint"] = self.endpoint
            kept = [one for one in self.headers if one[0] not in _ABOUT_BODY]
            await _send(send, HTTPStatus.NOT_MODIFIED, kept, b"")
            return True
        if self.body is None or now >= self.body_until:
            return False
        try:
            for do in self.again:
                do(Request(scope))
        except KbError:
            return False
        scope["endpoint"] = self.endpoint
        await _send(send, HTTPStatus.OK, self.headers, self.body)
        return True


@dataclass(frozen=True, slots=True)
class _Forms:
    """The answers of one address, by the values of the request's headers that decide about them."""

    names: tuple[bytes, ...]
    answers: Mapping[_Form, _Answer]

    def fitting(self, headers: _Headers) -> _Answer | None:
        """Return the answer to a request with these headers."""
        return self.answers.get(_form(self.names, headers))

    def plus(self, headers: _Headers, answer: _Answer) -> "_Forms":
        """Return these and the answer to a request with those headers."""
        others = self.answers if len(self.answers) < MAX_FORMS else {}
        return _Forms(self.names, {**others, _form(self.names, headers): answer})

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(_OVERHEAD + len(answer.body or b"") for answer in self.answers.values())


class Answers:
    """Gives answers that were given before; all others it lets the app make."""

    def __init__(self, app: ASGIApp, apart: tuple[str, ...]) -> None:
        """Keep nothing of paths that begin as one of `apart` does, and do nothing about them."""
        self._app = app
        self._apart = apart
        self._state: State | None = None
        self._kept: Kept[_Address, _Forms] = Kept(MAX_BYTES, lambda forms: forms.size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        headers = _headers_of_anybody(scope)
        if headers is None or scope["path"].startswith(self._apart):
            await self._app(scope, receive, send)
            return
        state = await scope["app"].state.runtime.database.state()
        if state != self._state:
            self._kept.clear()
            self._state = state
        address = _address(scope, headers)
        forms = self._kept.get(address)
        answer = forms.fitting(headers) if forms else None
        if answer is None or not await answer.give(headers, scope, send):
            await self._app(scope, receive, self._keeping(address, headers, scope, send))

    def _keeping(self, address: _Address, headers: _Headers, scope: Scope, send: Send) -> Send:
        """Return a `send` that keeps the answer where it may be; one in several parts may not."""
        # Routers copy the scope: what is to be seen here has to be in it before they do.
        noted = scope.setdefault("state", {})
        start: Message | None = None

        async def send_and_keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif start and not message.get("more_body", False):
                reuse = noted.get(_REUSE)
                if reuse and reuse.state == self._state:
                    self._keep(address, headers, _answer(start, message.get("body", b""), reuse))
            else:
                start = None
            await send(message)

        return send_and_keep

    def _keep(self, address: _Address, headers: _Headers, answer: _Answer | None) -> None:
        if answer is None:
            return
        names = _deciding(answer)
        said = (*address, *filter(None, _form(names, headers)))
        if sum(map(len, said)) > MAX_ADDRESS:
            return
        forms = self._kept.get(address)
        if forms is None or forms.names != names:
            forms = _Forms(names, {})
        if answer.body is not None or forms.fitting(headers) is None:
            self._kept.put(address, forms.plus(headers, answer))


def _headers_of_anybody(scope: Scope) -> _Headers | None:
    """Return the headers of a GET that says nothing about who asks; of all others None."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers: _Headers = dict(scope["headers"])
    # What is said twice, or not at all, or has a body, the guard has to look at.
    if len(headers) != len(scope["headers"]) or b"host" not in headers:
        return None
    if not _APART.isdisjoint(headers):
        return None
    gzip = takes_gzip(headers.get(b"accept-encoding", b""))
    headers[b"accept-encoding"] = b"gzip" if gzip else b""
    return headers


def _address(scope: Scope, headers: _Headers) -> _Address:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return scope["scheme"].encode(), headers[b"host"], path, scope["query_string"]


def _form(names: tuple[bytes, ...], headers: _Headers) -> _Form:
    return tuple(map(headers.get, names))


def _deciding(answer: _Answer) -> tuple[bytes, ...]:
    """Return the names of the headers by which the answer varies."""
    names = dict(answer.headers).get(b"vary", b"").lower().split(b",")
    return tuple(sorted({name.strip() for name in names} - _APART - {b""}))


def _answer(start: Message, body: bytes, reuse: _Reuse) -> _Answer | None:
    """Return the answer where it is one that anybody may be given again."""
    status, headers = start["status"], dict(start["headers"])
    public = headers.get(b"cache-control", b"").startswith(b"public")
    if status not in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED} or len(body) > MAX_ANSWER:
        return None
    if not public or b"etag" not in headers or b"set-cookie" in headers:
        return None
    now = clock.now().timestamp()
    return _Answer(
        tag=headers[b"etag"].decode("latin-1"),
        tag_until=now - now % _HOUR + _HOUR,
        body_until=now + LASTS,
        headers=start["headers"],
        body=body if status == HTTPStatus.OK else None,
        endpoint=reuse.endpoint,
        again=tuple(reuse.again),
    )


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
