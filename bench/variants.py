"""kb with one thing made another way, to see what its own way is good for.

`kb serve` as it is but for that. Run as a file, with the name of the variant.
"""

import asyncio
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager as Context
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from typing import Any
from unittest.mock import patch

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kb import answers, app, middleware
from kb.cli import app as command
from kb.cli import serving
from kb.db import connection, database, sqlite
from kb.entries import lists, repository, views
from kb.entries.schemas import EntrySummary
from kb.models import Entry

_MMAP = 256 * 1024 * 1024

_PLAIN = ["/healthz", "entry JSON", "search JSON, new"]
_KEPT = ["entry JSON", "entry JSON, 304", "entry page", "list JSON", "search JSON, repeated"]
_ANEW = ["entry JSON, made anew", "list JSON, made anew", "/ page, made anew", "search page, new"]
_WRITTEN = ["create", "revise"]


@dataclass(frozen=True, slots=True)
class Variant:
    """What is asked to see the difference, what is patched, what `kb serve` is told besides."""

    works: Sequence[str]
    patches: Callable[[], Sequence[Context[object]]] = tuple
    options: Sequence[str] = ()


def _uvicorn(**changed: object) -> Context[object]:
    made = uvicorn.Config

    def config(served: Any, **options: Any) -> uvicorn.Config:
        return made(served, **options | changed)

    return patch.object(uvicorn, "Config", config)


def _without_delay() -> Context[object]:
    """Have the loop's sockets send at once: uvloop sees to that, asyncio's loop not always."""
    listen = serving._listen  # noqa: SLF001 (ours)

    def listening(host: str, port: int) -> socket:
        listener = listen(host, port)
        listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        return listener

    return patch.object(serving, "_listen", listening)


def _app(change: Callable[[FastAPI], None]) -> Context[object]:
    """Have the app changed when it is made."""
    create = app.create_app

    def created(*args: Any) -> FastAPI:
        made = create(*args)
        change(made)
        return made

    return patch.object(app, "create_app", created)


class _Passing(BaseHTTPMiddleware):
    """A middleware that does nothing, made of Starlette's class for writing simple ones."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


async def _unkept(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
    await self._app(scope, receive, send)


class _Uncompressed(middleware.Gzip):
    """Leaves answers as they are, before they are kept."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class _Compressed(middleware.Gzip):
    """Compresses what is kept, for each visitor; the headers that it changes are copies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await middleware.Gzip(self._copied, compresslevel=app.GZIP_LEVEL)(scope, receive, send)

    async def _copied(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_copy(message: Message) -> None:
            headers = {"headers": list(message["headers"])} if "headers" in message else {}
            await send({**message, **headers})

        await self.app(scope, receive, send_copy)


def _compressed_each_time() -> Sequence[Context[object]]:
    return (
        patch.object(app, "Gzip", _Uncompressed),
        _app(lambda made: made.add_middleware(_Compressed)),
    )


def _pragma(statement: str) -> Context[object]:
    """Have each connection of the server execute one more statement when it is opened."""
    set_up = sqlite.set_up

    def with_it(opened: sqlite3.Connection) -> None:
        set_up(opened)
        opened.execute(statement).close()

    return patch.object(connection, "set_up", with_it)


def _writers(number: int) -> Context[object]:
    """Have so many connections that write; those that read say how they are isolated."""

    def created(url: str, **options: Any) -> AsyncEngine:
        more = {} if "isolation_level" in options else {"pool_size": number}
        return create_async_engine(url, **options | more)

    return patch.object(database, "create_async_engine", created)


async def _through_the_session(self: database.ReadSession, query: Select[Any]) -> Sequence[Any]:
    found: Sequence[Any] = (await AsyncSession.execute(self, query)).all()
    return found


def _rows() -> Context[object]:
    return patch.object(database.ReadSession, "rows", _through_the_session)


def _models() -> Sequence[Context[object]]:
    """Have lists made of the ORM's objects, all columns of them."""

    def summary(row: Any) -> EntrySummary:
        return EntrySummary.model_validate(row[0], from_attributes=True)

    return (
        _rows(),
        patch.object(lists, "_SUMMARY", [Entry]),
        patch.object(lists, "_summary", summary),
    )


def _views_at_once() -> Sequence[Context[object]]:
    writing = set()

    async def write(counter: Any, entry_id: int) -> None:
        async with counter._database.write(aside=True) as session:  # noqa: SLF001 (ours)
            await repository.add_views(session, Counter([entry_id]))

    def count(counter: Any, entry_id: int) -> None:
        writing.add(task := asyncio.create_task(write(counter, entry_id)))
        task.add_done_callback(writing.discard)

    return (patch.object(views.ViewCounter, "count", count),)


VARIANTS = {
    "asyncio's loop": Variant(_PLAIN, lambda: [_uvicorn(loop="asyncio"), _without_delay()]),
    "h11": Variant(_PLAIN, lambda: [_uvicorn(http="h11")]),
    "one BaseHTTPMiddleware": Variant(
        _PLAIN, lambda: [_app(lambda made: made.add_middleware(_Passing))]
    ),
    "no answer kept": Variant(_KEPT, lambda: [patch.object(answers.Answers, "__call__", _unkept)]),
    "compressed each time": Variant(["entry page", "/ page"], _compressed_each_time),
    "mmap_size of 256 MB": Variant(_ANEW, lambda: [_pragma(f"PRAGMA mmap_size = {_MMAP}")]),
    "statements prepared each time": Variant(
        _ANEW,
        lambda: [
            patch.object(sqlite3, "connect", partial(sqlite3.connect, cached_statements=0)),
        ],
    ),
    "one reader": Variant(_ANEW, lambda: [patch.object(database, "READERS", 1)]),
    "eight readers": Variant(_ANEW, lambda: [patch.object(database, "READERS", 8)]),
    "four writers": Variant(_WRITTEN, lambda: [_writers(4)]),
    "a rollback journal": Variant(
        [*_WRITTEN, "entry JSON, made anew"], lambda: [patch.object(sqlite, "JOURNAL", "DELETE")]
    ),
    "synchronous=NORMAL": Variant(
        _WRITTEN, lambda: [patch.object(sqlite, "SYNCHRONOUS", "NORMAL")]
    ),
    "rows through the session": Variant(_ANEW, lambda: [_rows()]),
    "lists of the ORM's objects": Variant(["list JSON, made anew"], _models),
    "each view written at once": Variant(["entry page"], _views_at_once),
    "two server processes": Variant([*_PLAIN, "create"], options=["--workers", "2"]),
}


def main(name: str) -> None:
    """Serve until told to stop, on what the environment says."""
    variant = VARIANTS[name]
    with ExitStack() as stack:
        for one in variant.patches():
            stack.enter_context(one)
        command(["serve", "--port", "0", *variant.options])


if __name__ == "__main__":
    main(sys.argv[1])
