"""The ceilings: what frameworks do that have the answer ready, and nothing else to do.

`python -m bench.ceilings starlette` serves a bare Starlette app, `… fastapi` a FastAPI route. What
kb has answered is handed to them with a PUT, and they answer every request with the next of that:
the same bytes, of the same type and encoding, but none of the other headers, no cookie, no limit
and no question who asks. They are served as kb is: uvicorn, uvloop, httptools, no log.
"""

import base64
import json
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import cycle, repeat

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bench.answers import Answer, answers_of
from bench.clients import ROOT
from bench.load import Request
from bench.server import Server, started

STARLETTE, FASTAPI = CEILINGS = "starlette", "fastapi"

_KEPT = ("content-type", "content-encoding")
_METHODS = ["GET", "POST"]
_READY = "/ready"


def hand_over(address: str, answers: Iterable[Answer]) -> None:
    """Have a ceiling answer with these from now on."""
    body = json.dumps([asdict(one) for one in answers])
    answers_of(address, [Request(_READY, "PUT", body=body)])


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Yield the address of a ceiling and its process group."""
    with started([sys.executable, "-m", "bench.ceilings", name], None, ROOT) as found:
        yield found


class _Ready:
    """The answers that stand ready."""

    def __init__(self) -> None:
        self._answers: Iterator[tuple[int, dict[str, str], bytes]] = repeat((200, {}, b""))

    async def take(self, request: Asked) -> Response:
        """Have these given from now on."""
        found = [Answer(**one) for one in await request.json()]
        ready = [(one.status, _kept(one.headers), base64.b64decode(one.body)) for one in found]
        self._answers = cycle(ready)
        return Response(status_code=204)

    async def give(self, request: Asked) -> Response:
        """Return the next."""
        if request.method == "POST":
            await request.body()
        status, headers, body = next(self._answers)
        return Response(body, status, headers)


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _KEPT}


def _starlette(give: Callable[[Asked], Awaitable[Response]], take: Route) -> ASGIApp:
    return Starlette(routes=[take, Route("/{path:path}", give, methods=_METHODS)])


def _fastapi(give: Callable[[Asked], Awaitable[Response]], take: Route) -> ASGIApp:
    app = FastAPI(routes=[take])

    async def route(request: Asked, path: str) -> Response:  # noqa: ARG001 (parsed, as kb's are)
        return await give(request)

    app.add_api_route("/{path:path}", route, methods=_METHODS)
    return app


def main(name: str) -> None:
    """Serve until told to stop."""
    ready = _Ready()
    make = {STARLETTE: _starlette, FASTAPI: _fastapi}[name]
    app = make(ready.give, Route(_READY, ready.take, methods=["PUT"]))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="warning"
    )
    print(f"{name} on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(sys.argv[1])
