"""Search through the API."""

import anyio
import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry, revise

DEGRADED = "search index is being rebuilt"


async def found(client: AsyncClient, q: str, **params: str) -> list[str]:
    """Return the slugs found, the best first."""
    answer = await client.get("/api/v1/search", params={"q": q} | params)
    assert answer.status_code == 200, answer.text
    return [item["slug"] for item in answer.json()["items"]]


async def test_an_edit_is_found_soon(maintainer: AsyncClient, client: AsyncClient) -> None:
    slug = (await create_entry(maintainer))["slug"]
    assert await revise(maintainer, slug, 1, why="Because of zygomorphism.") == 201
    with anyio.fail_after(20):
        while not await found(client, "zygomorphism"):
            await anyio.sleep(0.02)
    assert await found(client, "zygomorphism") == [slug]


async def test_an_answer_says_what_it_found_and_why(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (
        await create_entry(
            maintainer,
            title="Sleeping <b>stalls</b> the others",
            problem="Something with <script>alert(1)</script> and a *heartbeat*.",
            language="python",
            tags=["asyncio", "loop"],
        )
    )["slug"]
    await runtime.indexer.drain()
    answer = (await client.get("/api/v1/search", params={"q": "heartbeat"})).json()
    (item,) = answer["items"]
    assert (item["slug"], item["title"]) == (slug, "Sleeping <b>stalls</b> the others")
    assert "<mark>heartbeat</mark>" in item["snippet"]
    assert "<script>" not in item["snippet"]
    assert (item["field"], item["language"]) == ("problem", "python")
    assert item["url"] == f"http://kb.test/entries/{slug}"
    assert (answer["total"], answer["next"]) == (1, None)
    assert answer["facets"]["tag"] == [
        {"value": "asyncio", "count": 1, "selected": False},
        {"value": "loop", "count": 1, "selected": False},
    ]


async def test_filters_narrow_and_facets_count_the_filtered_result(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    first = (await create_entry(maintainer, tags=["a"], language="python"))["slug"]
    second = (await create_entry(maintainer, tags=["a", "b"], language="go"))["slug"]
    await runtime.indexer.drain()
    assert set(await found(client, "sleeping")) == {first, second}
    for q, params in [
        ("sleeping tag:b", {}),
        ("sleeping", {"tag": "b"}),
        ("sleeping language:go", {}),
        ("sleeping -language:python", {}),
        ("tag:b", {}),
    ]:
        assert await found(client, q, **params) == [second], (q, params)
    answer = await client.get("/api/v1/search", params={"q": "sleeping", "tag": "b"})
    facets = answer.json()["facets"]
    assert facets["language"] == [{"value": "go", "count": 1, "selected": False}]
    assert {"value": "b", "count": 1, "selected": True} in facets["tag"]


async def test_a_result_is_walked_by_cursor_in_every_order(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    made = {(await create_entry(maintainer))["slug"] for _ in range(5)}
    await runtime.indexer.drain()
    for sort in ("relevance", "newest", "updated", "votes", "views"):
        met: list[str] = []
        params = {"q": "sleeping", "limit": "2", "sort": sort}
        for _ in range(3):
            answer = await client.get("/api/v1/search", params=params)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            met += [item["slug"] for item in page["items"]]
            params["cursor"] = page["next"] or ""
        assert (len(met), set(met)) == (5, made), sort
        assert page["next"] is None


@pytest.mark.parametrize(
    "q",
    [
        "",
        "*",
        '"',
        "-",
        "OR",
        "tag:",
        "tag:\x00",
        "a OR OR b",
        "((((",
        "\u202e\u200b",
        "x" * 10_000,
        "word " * 2_000,
        "Traceback (most recent call last):\n  File 'x.py', line 3\nKeyError: 'a'",
        "'; DROP TABLE entry; --",
        "😀",
    ],
)
async def test_no_text_is_an_error(client: AsyncClient, q: str) -> None:
    answer = await client.get("/api/v1/search", params={"q": q})
    assert answer.status_code == 200, answer.text


async def test_while_the_index_is_gone_the_database_answers_and_the_index_comes_back(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    await runtime.indexer.drain()
    for path in sorted(runtime.settings.index_dir.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    page = await client.get("/", params={"q": "sleeping"})
    assert DEGRADED in page.text
    assert slug in page.text
    with anyio.fail_after(20):
        while DEGRADED in (await client.get("/", params={"q": "sleeping"})).text:
            await anyio.sleep(0.05)
    assert await runtime.indexer.differences() == []
    assert await found(client, "stall") == [slug]
