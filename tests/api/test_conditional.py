"""Conditional requests to the API: what the caller has already is neither made nor sent again."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import text

from kb.caching import is_known, tag_of
from kb.runtime import Runtime
from kb.settings import AnonymousAccess, Settings
from tests.conftest import app_on, client_of
from tests.factories import make_values, revise

PATHS = (
    "/api/v1/entries",
    "/api/v1/entries/{slug}",
    "/api/v1/entries/{slug}/revisions",
    "/api/v1/entries/{slug}/revisions/1",
    "/api/v1/entries/{slug}/compare/1...2",
    "/api/v1/entries/{slug}/reports",
    "/api/v1/search?q=sleeping",
    "/api/v1/suggest?q=sle",
    "/api/v1/suggestions",
    "/api/v1/tags",
)
NEVER_CHANGING = PATHS[3:5]


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_known_is_not_sent_again_until_it_changes(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    first = await client.get(path)
    tag = first.headers["ETag"]
    assert tag[0] == tag[-1] == '"'
    for known in (tag, f'"other", {tag}', f"W/{tag}", f'"a,b",{tag}'):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name]
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200

    await maintainer.post(f"/api/v1/entries/{slug}/reports", json={"holds": True, "version": "x"})
    assert await revise(maintainer, slug, 2, tags=["asyncio", "sleeping"]) == 201
    await runtime.indexer.drain()
    later = await client.get(path, headers={"If-None-Match": tag})
    unchanged = path in {one.format(slug=slug) for one in NEVER_CHANGING}
    assert later.status_code == (304 if unchanged else 200)


async def test_the_description_says_of_which_answers_that_is_so(client: AsyncClient) -> None:
    templates = {"revisions/1": "revisions/{number}", "compare/1...2": "compare/{a}...{b}"}
    conditional = set()
    for path in PATHS:
        found = path.partition("?")[0]
        for asked, template in templates.items():
            found = found.replace(asked, template)
        conditional.add(found)

    paths = (await client.get("/openapi.json")).json()["paths"]
    described = {path: of["get"] for path, of in paths.items() if "304" in str(of.get("get"))}
    assert described.keys() == conditional
    for operation in described.values():
        assert "if-none-match" in {one["name"] for one in operation["parameters"]}
        assert all("ETag" in operation["responses"][one]["headers"] for one in ("200", "304"))


@pytest.mark.parametrize("path", PATHS)
async def test_a_cache_may_share_what_nobody_in_particular_gets(
    maintainer: AsyncClient, client: AsyncClient, slug: str, path: str
) -> None:
    answer = await client.get(path.format(slug=slug))
    assert answer.headers["Cache-Control"] in {
        "public, max-age=0, must-revalidate",
        "public, max-age=31536000, immutable",
    }
    assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    own = await maintainer.get(path.format(slug=slug))
    assert own.headers["Cache-Control"].startswith("private")


async def test_a_revision_may_be_kept_for_good(client: AsyncClient, slug: str) -> None:
    answer = await client.get(f"/api/v1/entries/{slug}/revisions/1")
    assert answer.headers["ETag"] == '"r1"'
    assert "immutable" in answer.headers["Cache-Control"]
    none = await client.get(f"/api/v1/entries/{slug}/revisions/9", headers={"If-None-Match": "*"})
    assert none.status_code == 404


async def test_whatever_is_there_is_meant_by_a_star(client: AsyncClient, slug: str) -> None:
    star = {"If-None-Match": "*"}
    assert (await client.get(f"/api/v1/entries/{slug}", headers=star)).status_code == 304
    assert (await client.get("/api/v1/entries/none", headers=star)).status_code == 404


async def test_a_304_needs_nothing_of_what_the_entry_says(
    client: AsyncClient, afresh: AsyncClient, runtime: Runtime, slug: str
) -> None:
    paths = (f"/api/v1/entries/{slug}", "/api/v1/entries", "/api/v1/search?q=sleeping")
    tags = [(await client.get(path)).headers["ETag"] for path in paths]
    async with runtime.database.write(shown=False) as session:
        await (await session.connection()).execute(text("UPDATE entry SET tags = '{broken'"))
    for path, tag in zip(paths, tags, strict=True):
        again = await afresh.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        with pytest.raises(ValueError, match=r"JSON|property name"):
            await afresh.get(path)


async def test_counts_asked_for_by_name_are_always_sent(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    path = f"/api/v1/entries/{slug}"
    tag = (await client.get(path)).headers["ETag"]
    await maintainer.post(f"{path}/votes", json={"value": 1})
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 304
    counts = await client.get(f"{path}?fields=votes", headers={"If-None-Match": tag})
    assert counts.json() == {"votes": 1}
    assert counts.headers["ETag"] == tag


async def test_what_another_server_commits_is_noticed(
    maintainer: AsyncClient, client: AsyncClient, settings: Settings, slug: str
) -> None:
    from kb.runtime import open_runtime

    tag = (await client.get("/api/v1/entries")).headers["ETag"]
    async with open_runtime(settings) as other, other.database.write():
        pass
    answer = await client.get("/api/v1/entries", headers={"If-None-Match": tag})
    assert answer.status_code == 200


async def test_errors_are_not_kept(client: AsyncClient) -> None:
    for answer in (
        await client.get("/api/v1/entries/none"),
        await client.get("/api/v1/entries?limit=0"),
        await client.get("/none"),
        await client.delete("/api/v1/entries"),
        await client.get("/?page=99"),
    ):
        assert answer.is_client_error
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


async def test_an_answer_with_a_cookie_is_for_one_browser(client: AsyncClient) -> None:
    answer = await client.post("/api/v1/entries", json=make_values())
    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.fixture
def closed(settings: Settings, runtime: Runtime) -> FastAPI:
    return app_on(runtime, settings.model_copy(update={"anonymous": AnonymousAccess.NONE}))


async def test_where_nobody_may_read_without_an_account_nothing_is_shared(
    closed: FastAPI, maintainer: AsyncClient, slug: str
) -> None:
    async with client_of(closed, **dict(maintainer.headers)) as member:
        answer = await member.get(f"/api/v1/entries/{slug}")
        assert answer.headers["Cache-Control"] == "private, no-cache"
    async with client_of(closed) as nobody:
        page = await nobody.get("/sign-in")
        assert page.headers["Cache-Control"] == "private, no-cache"


@given(st.text())
def test_any_header_can_be_read(header: str) -> None:
    assert is_known(header, tag_of(1)) in {True, False}


@given(st.lists(st.text("abc,/W", max_size=5)), st.booleans())
def test_a_tag_is_found_among_others(others: list[str], weak: bool) -> None:
    tag = tag_of("mine")
    listed = [f'"{other}"' for other in others]
    assert not is_known(", ".join(listed), tag)
    assert is_known(", ".join([*listed, f"W/{tag}" if weak else tag]), tag)
