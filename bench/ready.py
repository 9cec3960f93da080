"""The apps that have answers ready: `python -m bench.ready starlette`, `… fastapi`.

A PUT hands them what to answer, of which every request gets the next. They are served as kb is:
uvicorn, uvloop, httptools, no log. Nothing of kb is imported: how fast they start is measured too.
"""

import base64
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle, repeat

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

STARLETTE, FASTAPI = "starlette", "fastapi"
READY = "/ready"
"""Where answers are handed over."""

_KEPT = ("content-type", "content-encoding")
_METHODS = ["GET", "POST"]


class _Ready:
    """The answers that stand ready."""

    def __init__(self) -> None:
        self._answers: Iterator[tuple[int, dict[str, str], bytes]] = repeat((200, {}, b""))

    async def take(self, request: Request) -> Response:
        """Have these given from now on."""
        self._answers = cycle(
            [
                (one["status"], _kept(one["headers"]), base64.b64decode(one["body"]))
                for one in await request.json()
            ]
        )
        return Response(status_code=204)

    async def give(self, request: Request) -> Response:
        """Return the next."""
        if request.method == "POST":
            await request.body()
        status, headers, body = next(self._answers)
        return Response(body, status, headers)


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _KEPT}


def _starlette(give: Callable[[Request], Awaitable[Response]], take: Route) -> ASGIApp:
    return Starlette(routes=[take, Route("/{path:path}", give, methods=_METHODS)])


def _fastapi(give: Callable[[Request], Awaitable[Response]], take: Route) -> ASGIApp:
    app = FastAPI(routes=[take])

    async def route(request: Request, path: str) -> Response:  # noqa: ARG001 (parsed, as kb's are)
        return await give(request)

    app.add_api_route("/{path:path}", route, methods=_METHODS)
    return app


def main(name: str) -> None:
    """Serve until told to stop."""
    ready = _Ready()
    make = {STARLETTE: _starlette, FASTAPI: _fastapi}[name]
    app = make(ready.give, Route(READY, ready.take, methods=["PUT"]))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="warning"
    )
    print(f"{name} on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(sys.argv[1])
