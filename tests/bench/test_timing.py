"""What latencies amount to, and how they are come by."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import timing
from bench.load import ask_all
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


async def test_clients_ask_over_connections_kept_alive_and_count_what_is_not_200() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while request := await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            status = b"503 Busy" if b"/refused" in request else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        paths = ["/a", "/refused", "/b", "/c"]
        sample = await ask_all(f"http://127.0.0.1:{port}", paths, clients=2)

    assert (len(sample.latencies), sample.failed) == (3, 1)
    assert connections == 2
