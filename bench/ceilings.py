"""The ceilings: what frameworks do that have the answer ready, and nothing else to do.

A bare Starlette app and a FastAPI route (`bench.ready`) are handed what kb has answered, and answer
every request with the next of that: the same bytes, of the same type and encoding, but none of the
other headers, no cookie, no limit and no question who asks.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from bench.answers import Answer, answers_of
from bench.clients import ROOT
from bench.load import Request
from bench.ready import FASTAPI, READY, STARLETTE
from bench.server import Server, started

__all__ = ["CEILINGS", "FASTAPI", "STARLETTE", "hand_over", "running"]

CEILINGS = (STARLETTE, FASTAPI)


def hand_over(address: str, answers: Iterable[Answer]) -> None:
    """Have a ceiling answer with these from now on."""
    body = json.dumps([asdict(one) for one in answers])
    answers_of(address, [Request(READY, "PUT", body=body)])


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Yield the address of a ceiling and its process group."""
    with started([sys.executable, "-m", "bench.ready", name], None, ROOT) as found:
        yield found
