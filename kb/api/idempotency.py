"""`Idempotency-Key`: a POST of the API that is sent again is not carried out again.

Pure ASGI, around all routes: it sees each answer as it leaves, and no route knows of it.
"""

import hashlib
import re
from collections import deque
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.accounts import service as accounts
from kb.db.database import PoolTimeout
from kb.dependencies import actor_of
from kb.errors import Busy, FieldError, Invalid, KbError
from kb.idempotency import service as idempotency
from kb.idempotency.service import Answer, Sent
from kb.models import IdempotencyKey
from kb.runtime import Runtime
from kb.visitors import handed_out

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

# A string as RFC 8941, section 3.3.3, has it, or the bare text that most clients send.
_KEY = re.compile(r'"([!#-\[\]-~]{1,255})"|([!#-\[\]-~]{1,255})')

_KEPT_HEADERS = ("content-type", "etag", "link", "location")


class Idempotency:
    """Answers a POST that is sent again under its key as the first one was answered."""

    def __init__(
        self,
        app: ASGIApp,
        prefix: str,
        render: Callable[[Request, KbError], Response],
        apart: str,
    ) -> None:
        """Look after paths that begin with `prefix`; `render` makes an answer of an error.

        Not after the path `apart`: what is sent there twice changes nothing the second time, and
        it is too much to be kept.
        """
        self._app = app
        self._apart = apart
        self._prefix = prefix
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the request out, or answer with what the first one got."""
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or scope["method"] != "POST" or not self._is_ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        request, runtime = Request(scope), scope["app"].state.runtime
        messages = await _received(receive)
        again = _replay(messages, receive)
        try:
            sent = await _sent(request, key, messages)
            taken = await idempotency.take(runtime.database, sent)
        except (KbError, PoolTimeout) as error:
            known = error if isinstance(error, KbError) else Busy("Too much to do. Try again.")
            await self._render(request, known)(scope, again, send)
        else:
            if isinstance(taken, Answer):
                await _response(taken)(scope, again, send)
            else:
                await self._carry_out(scope, again, send, runtime, taken)

    def _is_ours(self, path: str) -> bool:
        return path.startswith(self._prefix) and path != self._apart

    async def _carry_out(
        self, scope: Scope, receive: Receive, send: Send, runtime: Runtime, held: IdempotencyKey
    ) -> None:
        """Let the routes answer; keep the answer before it leaves."""
        answered: list[Message] = []

        async def collect(message: Message) -> None:
            answered.append(message)

        try:
            with idempotency.holding(held):
                await self._app(scope, receive, collect)
        except BaseException:
            await idempotency.settle(runtime.database, held, None)
            raise
        secret = handed_out(scope)
        became = accounts.anonymous(runtime.settings.anonymous, secret).key if secret else None
        await idempotency.settle(runtime.database, held, _answer(answered), became)
        for message in answered:
            await send(message)


async def _received(receive: Receive) -> list[Message]:
    """Return the messages of the whole body, whose size is limited before."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _replay(messages: list[Message], receive: Receive) -> Receive:
    """Return a `receive` that begins with these messages."""
    left = deque(messages)

    async def replayed() -> Message:
        return left.popleft() if left else await receive()

    return replayed


async def _sent(request: Request, key: str, messages: list[Message]) -> Sent:
    """Return what was sent. Raises Invalid where the key is none, NotSignedIn like `actor_of`."""
    found = _KEY.fullmatch(key.strip())
    if not found:
        message = "must be 1 to 255 visible ASCII characters; a UUID is a good one"
        raise Invalid(f"{HEADER} {message}.", (FieldError(HEADER, message),))
    actor = await actor_of(request)
    said = hashlib.sha256()
    # Who may do less by now must not be given what they were answered before.
    said.update(f"{actor.role.label} {actor.anyone}\n".encode())
    for name in ("content-type", "if-match"):
        said.update(f"{request.headers.get(name, '')}\n".encode())
    said.update(request.scope["query_string"] + b"\n")
    for part in messages:
        said.update(part.get("body", b""))
    # Visitors whom no cookie tells apart are told apart by where they are.
    whose = actor.key or actor.caller.keys[0]
    target = f"{request.method} {request.url.path}"
    return Sent(whose, target, found[1] or found[2], said.hexdigest())


def _answer(messages: list[Message]) -> Answer:
    start = messages[0]
    headers = Headers(raw=start["headers"])
    kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
    return Answer(start["status"], kept, b"".join(m.get("body", b"") for m in messages[1:]))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})
