"""What latencies amount to, and how they are come by."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import timing
from bench.clients import ROOT
from bench.load import Job, Request, ask_all
from bench.loop import lag_of
from bench.timing import Sample, closed_loop, figures_of, percentile
from kb.errors import Busy


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(
    values: list[float], percent: float
) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values)


def test_the_percentiles_of_a_hundred_are_what_one_expects() -> None:
    assert [percentile(range(1, 101), percent) for percent in (0, 50, 99, 100)] == [1, 50, 99, 100]


async def test_each_query_is_asked_once_and_refusals_are_counted_apart() -> None:
    asked = []

    async def ask(query: str) -> None:
        asked.append(query)
        await asyncio.sleep(0)
        if query == "b":
            raise Busy("not now")

    figures = figures_of(await closed_loop([ask] * 2, "abcd"))

    assert sorted(asked) == ["a", "b", "c", "d"]
    assert (figures.answers, figures.failed) == (3, 1)


async def test_no_more_is_asked_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "SECONDS", 0.05)

    async def ask(_query: str) -> None:
        await asyncio.sleep(0.02)

    sample = await closed_loop([ask], ["again"] * 1000)

    assert 1 <= len(sample.latencies) < 1000


def test_a_sample_without_an_answer_has_no_latency() -> None:
    figures = figures_of(Sample(failed=2, seconds=1.0, cpu=0.5))

    assert figures.failed == 2
    assert (figures.p50, figures.p99, figures.cpu) == (None, None, None)


@asynccontextmanager
async def answering(pause: float = 0.0) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that answers one after the other; yields its address and what it was asked."""
    asked: list[str] = []
    alone = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append("connection")
        while request := await reader.readline():
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            asked.append((request.rpartition(b" ")[0] + b" " + body).decode().strip())
            async with alone:
                await asyncio.sleep(pause)
            status = b"503 Busy" if b"/refused" in request else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_clients_ask_over_connections_kept_alive_and_count_other_statuses_apart() -> None:
    requests = [Request("/a"), Request("/refused"), Request("/b", "POST", body="é"), Request("/c")]
    async with answering() as (address, asked):
        sample = await ask_all(Job(address, requests, clients=2, once=True))

    assert (len(sample.latencies), sample.failed) == (3, 1)
    assert sorted(asked) == sorted(
        ["connection", "connection", "GET /a", "GET /refused", "POST /b é", "GET /c"]
    )


async def test_a_long_sample_comes_whole_from_clients_whose_output_is_not_buffered() -> None:
    async with answering() as (address, _):
        job = Job(address, [Request("/a")] * 8_000, clients=8, once=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "bench.load"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            limit=1,  # it is read in small pieces, so that the pipe fills
        )
        output, _ = await process.communicate(f"{json.dumps(asdict(job))}\n".encode())

    assert len(Sample(**json.loads(output)).latencies) == 8_000


async def test_requests_are_asked_again_until_the_time_is_over() -> None:
    async with answering(pause=0.001) as (address, asked):
        sample = await ask_all(Job(address, [Request("/a")], clients=1, seconds=0.1))

    assert len(sample.latencies) == len(asked) - 1 > 1


async def test_what_is_due_while_the_server_is_slow_is_timed_from_when_it_was_due() -> None:
    async with answering(pause=0.05) as (address, asked):
        job = Job(address, [Request("/a")], clients=2, seconds=0.1, rate=100)
        sample = await ask_all(job)

    # Ten are due within 0.1 s, and each is answered 50 ms after the one before.
    assert len(sample.latencies) == len(asked) - 2 == 10
    assert max(sample.latencies) > 300


async def test_a_connection_that_ends_when_nothing_is_asked_any_more_is_no_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        slow = b"/slow" in await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.2 if slow else 0)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        job = Job(address, [Request("/slow"), Request("/quick")], clients=2, once=True)
        sample = await ask_all(job)

    assert len(sample.latencies) == 2


async def test_a_server_that_hangs_up_is_an_error() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(ConnectionError):
            await ask_all(Job(address, [Request("/a")], clients=1))


def test_the_lag_is_the_bound_that_so_many_beats_did_not_exceed() -> None:
    lag = lag_of({0.001: 60.0, 0.005: 98.0, 0.01: 99.0, 0.1: 100.0, inf: 100.0})

    assert (lag.beats, lag.p50, lag.p99, lag.worst) == (100, 1.0, 10.0, 100.0)
