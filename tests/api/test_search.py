"""Search through the API."""

import shutil
from collections.abc import Iterator

import anyio
import pytest
from filelock import FileLock
from httpx2 import AsyncClient

from kb.api.schemas import SearchAnswer
from kb.runtime import Runtime
from tests.factories import create_entry, revise
from tests.servers import PATIENCE

DEGRADED = "search index is being rebuilt"


async def found(client: AsyncClient, q: str, **params: str) -> list[str]:
    """Return the slugs found, the best first."""
    answer = await client.get("/api/v1/search", params={"q": q} | params)
    assert answer.status_code == 200, answer.text
    return [item["slug"] for item in answer.json()["items"]]


async def test_an_edit_is_found_soon(maintainer: AsyncClient, client: AsyncClient) -> None:
    slug = (await create_entry(maintainer))["slug"]
    assert await revise(maintainer, slug, 1, why="Because of zygomorphism.") == 201
    with anyio.fail_after(PATIENCE):
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


async def test_an_answer_is_what_the_description_says(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    for language in ("python", None):
        await create_entry(maintainer, tags=["a"], language=language)
    await runtime.indexer.drain()
    answer = (await client.get("/api/v1/search", params={"q": "sleeping", "limit": "1"})).json()
    assert answer["items"]
    assert answer["facets"]["tag"]
    assert SearchAnswer.model_validate(answer).model_dump(mode="json") == answer


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


@pytest.fixture
def no_index(runtime: Runtime) -> Iterator[None]:
    """Take the index away, and keep the indexer from building another."""
    with FileLock(runtime.settings.data_dir / "indexer.lock"):
        shutil.rmtree(runtime.settings.index_dir)
        yield


@pytest.mark.usefixtures("no_index")
async def test_what_is_not_found_without_an_index_is_not_counted_as_missing(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    assert await found(client, "zygomorphism") == []
    assert "Nothing matches" in (await client.get("/", params={"q": "zygomorphism"})).text
    await runtime.searches.flush()
    numbers = (await maintainer.get("/api/v1/stats")).json()
    assert (numbers["searches"], numbers["wanted"]) == ([], [])


HOSTILE = pytest.mark.parametrize(
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
        " ".join(f"w{number}" for number in range(1_500)),
        " OR ".join(f"w{number}" for number in range(1_000)),
        " ".join(f"-w{number}" for number in range(1_500)),
        "Traceback (most recent call last):\n  File 'x.py', line 3\nKeyError: 'a'",
        "'; DROP TABLE entry; --",
        "😀",
    ],
)


@HOSTILE
async def test_no_text_is_an_error(onlooker: AsyncClient, q: str) -> None:
    await found(onlooker, q)


@HOSTILE
async def test_no_text_is_an_error_without_an_index_either(
    client: AsyncClient, no_index: None, q: str
) -> None:
    await found(client, q)


async def test_without_an_index_the_database_answers_what_was_asked(
    maintainer: AsyncClient, client: AsyncClient, no_index: None
) -> None:
    await create_entry(maintainer, title="Aardvarks in the loop", tags=["a"], language="go")
    await create_entry(maintainer, title="Badgers in the loop", error_messages=["E42: no_burrow"])
    for q, slugs in {
        "loop": ["badgers-in-the-loop", "aardvarks-in-the-loop"],
        "loop aardvarks": ["aardvarks-in-the-loop"],
        '"in the loop" -aardvarks': ["badgers-in-the-loop"],
        "aardvarks OR badgers": ["badgers-in-the-loop", "aardvarks-in-the-loop"],
        "aardvarks OR zebras": ["aardvarks-in-the-loop"],
        "zebras": [],
        "badg*": ["badgers-in-the-loop"],
        "tag:a": ["aardvarks-in-the-loop"],
        "loop -tag:a": ["badgers-in-the-loop"],
        "loop language:go": ["aardvarks-in-the-loop"],
        "-language:go": ["badgers-in-the-loop"],
        "error:no_burrow": ["badgers-in-the-loop"],
        "author:Script aardvarks": ["aardvarks-in-the-loop"],
        "author:nobody": [],
        "100%": [],
    }.items():
        assert await found(client, q, sort="newest") == slugs, q


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
    with anyio.fail_after(PATIENCE):
        while DEGRADED in (await client.get("/", params={"q": "sleeping"})).text:
            await anyio.sleep(0.05)
    assert await runtime.indexer.differences() == []
    assert await found(client, "stall") == [slug]


async def test_a_misspelt_word_is_corrected_and_the_typed_one_is_a_parameter_away(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, title="A peculiar heartbeat"))["slug"]
    await runtime.indexer.drain()
    answer = (await client.get("/api/v1/search", params={"q": "pecluiar"})).json()
    assert [item["slug"] for item in answer["items"]] == [slug]
    assert (answer["did_you_mean"], answer["corrected"]) == ("peculiar", True)
    params = {"q": "pecluiar", "verbatim": "1"}
    answer = (await client.get("/api/v1/search", params=params)).json()
    assert (answer["items"], answer["did_you_mean"]) == ([], "peculiar")
    assert not answer["corrected"]
    answer = (await client.get("/api/v1/search", params={"q": "peculiar"})).json()
    assert (answer["total"], answer["did_you_mean"], answer["corrected"]) == (1, None, False)


async def test_a_repeated_search_sees_what_changed_in_between(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, problem="It stalls for aeons."))["slug"]
    await runtime.indexer.drain()
    for _ in range(2):
        assert await found(client, "aeons") == [slug]
    assert await revise(maintainer, slug, 1, problem="It stalls for minutes.") == 201
    await runtime.indexer.drain()
    assert await found(client, "aeons") == []
    assert await found(client, "minutes") == [slug]
    assert await revise(maintainer, slug, 2, problem="It waits minutes.") == 201
    await runtime.indexer.drain()
    answer = await client.get("/api/v1/search", params={"q": "minutes"})
    assert answer.json()["items"][0]["snippet"] == "It waits <mark>minutes</mark>."


async def test_the_search_box_is_completed(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    made = await create_entry(maintainer, title="asyncio.run nests badly", tags=["asyncio"])
    await runtime.indexer.drain()
    answer = await client.get("/api/v1/suggest", params={"q": "ASYN"})
    assert answer.json()["items"] == [
        {"kind": "tag", "text": "asyncio", "q": "tag:asyncio", "url": None},
        {"kind": "identifier", "text": "asyncio.run", "q": "asyncio.run", "url": None},
        {
            "kind": "title",
            "text": "asyncio.run nests badly",
            "q": "asyncio.run nests badly",
            "url": f"http://kb.test/entries/{made['slug']}",
        },
    ]
    assert (await client.get("/api/v1/suggest")).json() == {"items": []}
    assert (await client.get("/api/v1/suggest", params={"q": "x" * 10_001})).status_code == 422
