"""What a server answers, one request after the other: whole, as it came."""

import base64
import http.client
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from bench.load import Request

CHUNK = 64 * 1024
PIECE_SECONDS = 600.0
"""In which the next piece of an answer has to come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; names of headers are small, the body is as on the wire, in base64."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """The body, where it is a text that is not compressed."""
        return base64.b64decode(self.body).decode()


def answers_of(address: str, requests: Iterable[Request]) -> list[Answer]:
    """Return what the server answers to each of the requests."""
    with _connected(address) as connection:
        return [_answer(connection, one) for one in requests]


def stream(
    address: str, method: str, path: str, body: IO[bytes] | None, headers: dict[str, str]
) -> None:
    """Send a request and read all of the answer, a piece at a time."""
    with _connected(address) as connection:
        connection.request(method, path, body, headers, encode_chunked=body is not None)
        answer = connection.getresponse()
        last = b""
        while part := answer.read(CHUNK):
            last = part[-CHUNK:]
    if answer.status != http.HTTPStatus.OK or b'"error"' in last.rpartition(b"\n{")[2]:
        raise RuntimeError(f"{path} was answered with {answer.status}: {last[-500:]!r}")


@contextmanager
def _connected(address: str) -> Iterator[http.client.HTTPConnection]:
    where = urlsplit(address)
    host, port = where.hostname or "", where.port or 80
    with closing(http.client.HTTPConnection(host, port, timeout=PIECE_SECONDS)) as connection:
        yield connection


def _answer(connection: http.client.HTTPConnection, request: Request) -> Answer:
    headers = {"accept-encoding": "identity"} | request.headers
    connection.request(request.method, request.path, request.body.encode() or None, headers)
    answer = connection.getresponse()
    body = base64.b64encode(answer.read()).decode()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)
