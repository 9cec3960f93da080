"""Clients of a server, in a process of their own: they must not take the server's time.

Reads a job as JSON from standard input: `address`, `paths`, `clients`. Writes what became of it:
the latencies in milliseconds, how many requests failed, how many seconds it took. A client is one
connection kept alive, with as little between it and the socket as can be: a full HTTP client takes
longer to ask than the server to answer.
"""

import asyncio
import json
import sys
from dataclasses import asdict
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import httptools
import uvloop

from bench.timing import Sample, closed_loop
from kb.errors import KbError

PATIENCE = 30.0
"""Seconds after which an answer is given up."""


class Client(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._answered: asyncio.Future[int] | None = None

    async def get(self, path: str) -> None:
        """Ask for a path. Raises KbError where the answer is not 200."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("The server has closed the connection.")
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n\r\n".encode())
        status = await asyncio.wait_for(self._answered, PATIENCE)
        if status != HTTPStatus.OK:
            raise KbError(f"{path} was answered with {status}.")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Parse what comes."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Say that the answer is complete; called by the parser."""
        if self._answered and not self._answered.done():
            self._answered.set_result(self._parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that waits."""
        if self._answered and not self._answered.done():
            self._answered.set_exception(error or ConnectionError("The server hung up."))


async def ask_all(address: str, paths: list[str], clients: int) -> Sample:
    """Have each path asked for once, over `clients` connections."""
    where = urlsplit(address)
    loop, host, port = asyncio.get_running_loop(), where.hostname or "", where.port or 80
    connections = [
        await loop.create_connection(lambda: Client(where.netloc), host, port)
        for _ in range(clients)
    ]
    try:
        return await closed_loop([client.get for _, client in connections], paths)
    finally:
        for transport, _ in connections:
            transport.close()


if __name__ == "__main__":
    json.dump(asdict(uvloop.run(ask_all(**json.load(sys.stdin)))), sys.stdout)
