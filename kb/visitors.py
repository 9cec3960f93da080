"""Visitors who have not signed in: how their browser is known again when it comes back.

By a cookie with a random secret. It is handed out when something is first done that needs it, so
that whoever only reads gets none, and only its hash is stored.
"""

from datetime import timedelta
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.accounts.secrets import new_secret
from kb.cookies import read_cookie, set_cookie

VISITOR_COOKIE = "kb_visitor"
VISITOR_LASTS = timedelta(days=365)

_HANDED_OUT = "new_visitor"


def secret_of(request: Request) -> str:
    """Return the secret by which the browser is known; empty where it has none."""
    return read_cookie(request, VISITOR_COOKIE)


def hand_out_secret(request: Request) -> str:
    """Return a new secret, which the browser gets with the answer if that is no error."""
    secret = new_secret()
    request.scope["state"][_HANDED_OUT] = secret
    return secret


def handed_out(scope: Scope) -> str | None:
    """Return the secret that was handed out in answer to this request, if one was."""
    secret: str | None = scope["state"].get(_HANDED_OUT)
    return secret


class VisitorCookie:
    """Sends the secrets that were handed out, through whichever door they were asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, with the cookie where there is a new one."""
        # Routers copy the scope: what is to be seen here has to be in it before they do.
        state = scope.setdefault("state", {})

        async def send_with_cookie(message: Message) -> None:
            starts = message["type"] == "http.response.start"
            if starts and _HANDED_OUT in state and message["status"] < HTTPStatus.BAD_REQUEST:
                cookie = _cookie(Request(scope), state[_HANDED_OUT])
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _cookie(request: Request, secret: str) -> str:
    response = Response()
    set_cookie(request, response, VISITOR_COOKIE, secret, VISITOR_LASTS)
    return response.headers["set-cookie"]
