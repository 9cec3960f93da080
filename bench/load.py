"""Clients of a server, in a process of their own: they must not take the server's time.

Reads `Job`s as JSON from standard input, a line each, and writes a `Sample` for each. A client is
one connection kept alive, with as little between it and the socket as can be: a full HTTP client
takes longer to ask than the server to answer. How much of a core this process used is in the
sample, so that the report can say where the clients were the limit.

Without a `rate` the loop is closed: each client asks its next request once it is answered. With
one it is open: requests are due at fixed moments, whether the server keeps up or not, and are timed
from the moment they were due and not from when they could be sent ("coordinated omission").
"""

import asyncio
import gc
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from itertools import chain, repeat
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import uvloop

from bench.timing import SECONDS, Sample

PATIENCE = 30.0
"""Seconds after the last request was sent in which the answers have to be there."""

Completed = Callable[["Client"], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `path` includes the query."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def encoded(self, host: str) -> bytes:
        """Return the bytes that go over the connection."""
        body = self.body.encode()
        headers = {"host": host} | self.headers
        if body:
            headers["content-length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked where, by how many; `status` is what a good answer has.

    Requests are asked in their order, again and again for `seconds`, or `once` each and no longer
    than that. `rate` is how many are due a second; 0 is a closed loop.
    """

    address: str
    requests: list[Request]
    clients: int
    seconds: float = SECONDS
    once: bool = False
    rate: float = 0.0
    status: int = HTTPStatus.OK


class Client(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, completed: Completed) -> None:
        """Call `completed` with this after each answer, and where none comes any more."""
        self._completed = completed
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._waiting = False
        self.began = 0.0
        self.status = 0
        """Of the last answer; 0 where the connection ended instead."""

    def ask(self, request: bytes, began: float) -> None:
        """Send a request that counts from `began` (as of `time.perf_counter`)."""
        self._waiting, self.began, self.status = True, began, 0
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("The server has closed the connection.")
        self._transport.write(request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Parse what comes."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Say that the answer is complete; called by the parser."""
        self._waiting, self.status = False, self._parser.get_status_code()
        self._completed(self)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Say so to whoever waits: a server ends connections that are left alone for a while."""
        if self._waiting:
            self._completed(self)


class Load:
    """Clients at work in a closed loop, and what they have measured."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._sample = Sample()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        host = urlsplit(job.address).netloc
        encoded = [request.encoded(host) for request in job.requests]
        again: Iterable[list[bytes]] = [encoded] if job.once else repeat(encoded)
        self._requests: Iterator[bytes] = chain.from_iterable(again)
        self._until = 0.0
        self._asking = 0

    async def run(self) -> Sample:
        """Return what became of the job.

        Raises ConnectionError where the server hung up, TimeoutError where it did not answer.
        """
        where, loop = urlsplit(self._job.address), asyncio.get_running_loop()
        made = [
            await loop.create_connection(
                lambda: Client(self._completed), where.hostname or "", where.port or 80
            )
            for _ in range(self._job.clients)
        ]
        worked, started = time.process_time(), time.perf_counter()
        self._until = started + self._job.seconds
        try:
            self._start([client for _, client in made])
            async with asyncio.timeout(self._job.seconds + PATIENCE):
                await self._over
        finally:
            self._sample.seconds = time.perf_counter() - started
            self._sample.client = time.process_time() - worked
            for transport, _ in made:
                transport.close()
        return self._sample

    def _start(self, clients: list[Client]) -> None:
        self._asking = len(clients)
        for client in clients:
            self._next(client)

    def _next(self, client: Client) -> None:
        now = time.perf_counter()
        request = next(self._requests, None) if now < self._until else None
        if request is not None:
            client.ask(request, now)
            return
        self._asking -= 1
        if not self._asking:
            self._over.set_result(None)

    def _completed(self, client: Client) -> None:
        if not self._over.done() and self._noted(client):
            self._next(client)

    def _noted(self, client: Client) -> bool:
        """Note what became of a request; say whether the client can ask again."""
        if not client.status:
            self._over.set_exception(ConnectionError("The server hung up."))
        elif client.status == self._job.status:
            self._sample.latencies.append((time.perf_counter() - client.began) * 1000)
        else:
            self._sample.failed += 1
        return client.status != 0


class OpenLoad(Load):
    """The same with requests that are due at fixed moments, answered or not.

    A thread keeps the time: a loop's own timers are a millisecond coarse, as long as an answer.
    """

    def _start(self, clients: list[Client]) -> None:
        self._free = deque(clients)
        self._due: deque[float] = deque()
        wanted = int(self._job.seconds * self._job.rate)
        self._left = min(wanted, len(self._job.requests)) if self._job.once else wanted
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._keep_time, args=[loop], daemon=True).start()

    def _keep_time(self, loop: asyncio.AbstractEventLoop) -> None:
        started = time.perf_counter()
        for number in range(self._left):
            due = started + number / self._job.rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            loop.call_soon_threadsafe(self._fall_due, due)

    def _fall_due(self, due: float) -> None:
        self._due.append(due)
        if self._free:
            self._next(self._free.popleft())

    def _next(self, client: Client) -> None:
        if not self._due:
            self._free.append(client)
        elif (request := next(self._requests, None)) is not None:
            client.ask(request, self._due.popleft())

    def _noted(self, client: Client) -> bool:
        noted = super()._noted(client)
        self._left -= 1
        if noted and not self._left:
            self._over.set_result(None)
        return noted


async def ask_all(job: Job) -> Sample:
    """Have the job's requests asked; return what became of them."""
    gc.disable()  # a pause of the clients would be taken for one of the server
    try:
        return await (OpenLoad(job) if job.rate else Load(job)).run()
    finally:
        gc.enable()


def _job(values: dict[str, Any]) -> Job:
    return Job(**values | {"requests": [Request(**one) for one in values["requests"]]})


if __name__ == "__main__":
    # Of its own, because with PYTHONUNBUFFERED print() loses what a pipe does not take at once.
    with open(sys.stdout.fileno(), "w", closefd=False) as answers:
        for line in sys.stdin:
            answers.write(json.dumps(asdict(uvloop.run(ask_all(_job(json.loads(line)))))) + "\n")
            answers.flush()
