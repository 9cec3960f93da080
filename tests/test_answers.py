"""Answers that are given again: for as long as they are right, to whom they are meant for."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from fastapi import FastAPI
from filelock import FileLock
from httpx2 import ASGITransport, AsyncClient, Response
from sqlmodel import text

from kb import answers, clock
from kb.answers import Answers
from kb.app import create_app
from kb.db import watch
from kb.db.watch import Watch
from kb.runtime import Runtime, in_background, open_runtime
from kb.settings import Settings
from tests.conftest import Prepared, client_of
from tests.factories import create_entry, revise

ENTRY = "/api/v1/entries/{slug}"
PAGE = "/entries/{slug}"
SEARCH = "/api/v1/search?q=sleeping"
SEARCH_PAGE = "/?q=sleeping"
SUGGEST = "/api/v1/suggest?q=sle"
TRAIL = 'class="trail"'
LISTS = ("/", "/?tag=asyncio", "/tags", "/feed.atom", "/api/v1/entries", "/api/v1/tags")
KEPT = (ENTRY, PAGE, f"{PAGE}.md", f"{PAGE}?q=sleeping", SEARCH, SEARCH_PAGE, *LISTS)

Hidden = Callable[[], Awaitable[None]]


@pytest.fixture
def slug(data_with_entry: Prepared) -> str:
    """An entry that the index has taken in."""
    return data_with_entry.slug


@pytest.fixture
def break_data(runtime: Runtime) -> Hidden:
    """Has entries unreadable, behind the back of whatever names states: none can be made anew."""

    async def broken() -> None:
        async with runtime.database.write(shown=False) as session:
            await (await session.connection()).execute(text("UPDATE entry SET title = 'Broken'"))

    return broken


async def settled(client: AsyncClient, path: str) -> Response:
    """Return the second of two answers: the first was made, this one may be given again."""
    await client.get(path)
    return await client.get(path)


async def test_who_asks_the_same_is_given_the_same(
    client: AsyncClient, break_data: Hidden, slug: str
) -> None:
    paths = [path.format(slug=slug) for path in KEPT]
    made = [await client.get(path) for path in paths]
    await break_data()
    for path, first in zip(paths, made, strict=True):
        again = await client.get(path)
        assert again.content == first.content, path
        assert again.headers == first.headers


async def test_an_edit_is_seen_by_the_very_next_request(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, slug: str
) -> None:
    paths = [ENTRY, PAGE, SEARCH, SEARCH_PAGE, "/", "/api/v1/entries"]
    for number, path in enumerate([one.format(slug=slug) for one in paths], 1):
        assert "Sleeping" in (await settled(client, path)).text
        title = f"Sleeping stalls all of them, as was said {number} times"
        assert await revise(maintainer, slug, number, title=title) == 201
        if "sleeping" in path:
            await runtime.indexer.drain()
        assert f"{number} times" in (await client.get(path)).text, path


async def test_whatever_is_done_to_an_entry_is_seen_by_the_very_next_request(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    entry = ENTRY.format(slug=slug)
    page = PAGE.format(slug=slug)
    tags = [(await settled(client, page)).headers["ETag"]]
    for address, body in (
        (f"{entry}/votes", {"value": 1}),
        (f"{entry}/reports", {"holds": False, "version": "python 3.14"}),
        (f"{entry}/revisions", {"base": 1, "tags": ["sleep"]}),
        (f"{entry}/revisions/1/restore", {}),
        (f"{entry}/archive", {"reason": "An example"}),
    ):
        assert (await maintainer.post(address, json=body)).is_success
        tags.append((await client.get(page)).headers["ETag"])
    assert len(set(tags)) == 6
    assert "An example" in (await client.get(page)).text
    assert (await client.get("/api/v1/entries")).json()["total"] == 0


async def test_tags_are_counted_anew_at_once(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    assert "asyncio" in (await settled(client, "/api/v1/tags")).text
    assert await revise(maintainer, slug, 1, tags=["threads"]) == 201
    tags = (await client.get("/api/v1/tags")).json()["items"]
    assert tags == [{"tag": "threads", "count": 1}]


async def test_what_the_index_takes_in_is_found_at_once(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, slug: str
) -> None:
    assert (await settled(client, SEARCH)).json()["total"] == 1
    await create_entry(maintainer, title="Sleeping in a thread stalls nobody else")
    await settled(client, SEARCH)
    await runtime.indexer.drain()
    assert (await client.get(SEARCH)).json()["total"] == 2


@pytest.fixture
async def neighbour(settings: Settings, runtime: Runtime) -> AsyncIterator[AsyncClient]:
    """A visitor of a second server on the same folder."""
    app = await asyncio.to_thread(create_app, settings)
    async with open_runtime(settings) as other, in_background(other):
        app.state.runtime = other
        async with client_of(app) as visitor:
            yield visitor


async def test_what_one_server_commits_the_other_shows_at_once(
    maintainer: AsyncClient, neighbour: AsyncClient, slug: str
) -> None:
    paths = [path.format(slug=slug) for path in (ENTRY, PAGE, "/", "/api/v1/entries")]
    for number, path in enumerate(paths * 2, 1):
        assert "Sleeping" in (await settled(neighbour, path)).text
        title = f"Sleeping stalls all of them, as was said {number} times"
        assert await revise(maintainer, slug, number, title=title) == 201
        assert f"{number} times" in (await neighbour.get(path)).text, path


async def test_a_commit_that_nobody_told_of_is_seen_before_long(
    client: AsyncClient,
    runtime: Runtime,
    slug: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever committed was killed before they could say so."""
    path = ENTRY.format(slug=slug)
    assert "Sleeping" in (await settled(client, path)).text
    monkeypatch.setattr(Watch, "changed", lambda _: None)
    async with runtime.database.write() as session:
        await (await session.connection()).execute(text("UPDATE entry SET title = 'Changed'"))
    assert "Sleeping" in (await client.get(path)).text
    monkeypatch.setattr(watch, "LASTS", 0)
    assert "Changed" in (await client.get(path)).text


async def test_views_are_counted_though_the_page_is_given_again(
    client: AsyncClient, runtime: Runtime, slug: str
) -> None:
    for _ in range(5):
        await client.get(PAGE.format(slug=slug))
    tag = (await client.get(PAGE.format(slug=slug))).headers["ETag"]
    await client.get(PAGE.format(slug=slug), headers={"If-None-Match": tag})  # reads nothing new
    await client.head(PAGE.format(slug=slug))
    await runtime.views.flush()
    counts = await client.get(f"{ENTRY.format(slug=slug)}?fields=views")
    assert counts.json() == {"views": 6}


async def test_views_become_visible_within_a_minute(
    client: AsyncClient, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = PAGE.format(slug=slug)
    assert "1 view" in (await settled(client, path)).text
    later = clock.now() + timedelta(seconds=answers.LASTS)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "3 views" in (await client.get(path)).text


@pytest.mark.parametrize("path", [SEARCH, SEARCH_PAGE])
async def test_searches_are_counted_though_the_answer_is_given_again(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, slug: str, path: str
) -> None:
    for _ in range(4):
        await client.get(path)
    await client.get(path, headers={"Sec-Purpose": "prefetch"})
    await runtime.searches.flush()
    searches = (await maintainer.get("/api/v1/stats")).json()["searches"]
    assert sum(day["found"] for day in searches) == (4 if path == SEARCH_PAGE else 5)


@pytest.fixture
async def five_searches(settings: Settings, runtime: Runtime) -> AsyncIterator[FastAPI]:
    """An app that lets a caller search five times a minute."""
    limited = settings.model_copy(update={"searches_per_minute": 5})
    app = await asyncio.to_thread(create_app, limited)
    async with open_runtime(limited) as other:
        app.state.runtime = other
        yield app


def calling_from(app: FastAPI, address: str) -> AsyncClient:
    transport = ASGITransport(app=app, client=(address, 1))
    return AsyncClient(transport=transport, base_url="http://kb.test")


async def test_a_search_that_is_given_again_counts_towards_the_limit(
    five_searches: FastAPI, slug: str
) -> None:
    for number, path in enumerate([SEARCH, SEARCH_PAGE, "/api/v1/suggest?q=sle"]):
        async with calling_from(five_searches, f"203.0.113.{number}") as client:
            seen = [(await client.get(path)).status_code for _ in range(7)]
        assert seen == [200] * 5 + [429] * 2


async def test_an_entry_without_its_trail_is_not_given_to_others(
    five_searches: FastAPI, slug: str
) -> None:
    path = f"{PAGE.format(slug=slug)}?q=sleeping"
    async with calling_from(five_searches, "203.0.113.9") as client:
        for _ in range(5):
            await client.get(SEARCH)
        for _ in range(2):
            page = await client.get(path)
            assert page.status_code == 200
            assert TRAIL not in page.text
            assert page.headers["Cache-Control"] == "private, no-cache"
    async with calling_from(five_searches, "203.0.113.10") as other:
        for _ in range(2):
            assert TRAIL in (await other.get(path)).text
    async with calling_from(five_searches, "203.0.113.9") as client:
        assert TRAIL not in (await client.get(path)).text


@contextmanager
def index_away(settings: Settings) -> Iterator[None]:
    """Take the index away for a moment, while nobody may build another."""
    pointer = settings.index_dir / "current.json"
    aside = pointer.rename(pointer.with_suffix(".aside"))
    try:
        yield
    finally:
        aside.rename(pointer)


FROM_INDEX = {
    SEARCH: '"value":"asyncio"',
    SUGGEST: "Sleeping in",
    f"{PAGE}?q=sleeping": "1 of 1",
}
"""What the index has each of these show."""


@pytest.mark.parametrize("path", FROM_INDEX)
async def test_an_answer_made_without_the_index_is_not_given_once_it_is_back(
    client: AsyncClient, settings: Settings, slug: str, path: str
) -> None:
    address, shown = path.format(slug=slug), FROM_INDEX[path]
    with FileLock(settings.data_dir / "indexer.lock"):
        await client.get("/api/v1/search?q=endpoint")  # from here on its state is known
        with index_away(settings):
            answer = await client.get(address)
            assert answer.status_code == 200
            assert shown not in answer.text
            assert answer.headers["Cache-Control"] == "private, no-cache"
        assert shown in (await client.get(address)).text


async def test_a_head_has_the_headers_of_what_is_given(
    client: AsyncClient, runtime: Runtime, slug: str
) -> None:
    for path in (f"{PAGE}.md", ENTRY, "/", "/api/v1/entries"):
        await runtime.views.flush()  # else a list may show one more the next time
        given = await settled(client, path.format(slug=slug))
        head = await client.head(path.format(slug=slug))
        assert head.content == b""
        assert head.headers == given.headers


async def test_each_form_of_an_answer_is_kept_by_itself(client: AsyncClient, slug: str) -> None:
    path = ENTRY.format(slug=slug)
    for _ in range(2):
        data = await client.get(path)
        file = await client.get(path, headers={"Accept": "text/markdown"})
        page, part, boosted = [
            await client.get("/", headers=headers)
            for headers in ({}, {"HX-Request-Type": "partial"}, {"HX-Boosted": "true"})
        ]
    assert data.json()["slug"] == slug
    assert file.text.startswith("+++")
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "<html" in boosted.text
    assert len({one.headers["ETag"] for one in (page, part, boosted)}) == 3


async def raw(client: AsyncClient, path: str, accepts: str) -> tuple[Response, bytes]:
    async with client.stream("GET", path, headers={"accept-encoding": accepts}) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/", SEARCH_PAGE])
async def test_a_kept_body_is_compressed_for_whoever_takes_that_and_nobody_else(
    client: AsyncClient, slug: str, path: str
) -> None:
    for _ in range(2):
        plain, text_ = await raw(client, path, "identity")
        packed, body = await raw(client, path, "br, gzip")
        refused, other = await raw(client, path, "gzip;q=0, *;q=0.5")
    assert gzip.decompress(body) == text_ == other
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(body) < len(text_)
    for answer in (plain, refused):
        assert "Content-Encoding" not in answer.headers
    for answer in (plain, packed, refused):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert plain.headers["ETag"] == packed.headers["ETag"]


async def test_a_tag_is_answered_from_what_is_known_without_a_body(
    client: AsyncClient, afresh: AsyncClient, break_data: Hidden, slug: str
) -> None:
    """Who only asks whether it is new keeps the server from making what nobody wants."""
    path = PAGE.format(slug=slug)
    first = await client.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    for _ in range(2):
        again = await afresh.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Vary"] == first.headers["Vary"]
        assert again.headers["Content-Security-Policy"]
        assert "Content-Type" not in again.headers
    assert (await afresh.get(path)).text == first.text.replace("1 view", "2 views")


def kept_by(app: FastAPI) -> Answers:
    layer: object = app.middleware_stack
    while not isinstance(layer, Answers):
        layer = getattr(layer, "app", None) or getattr(layer, "_app")  # noqa: B009
    return layer


async def test_what_is_kept_has_a_bound(
    app: FastAPI, client: AsyncClient, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_BYTES", 100_000)
    app.middleware_stack = None  # what there is was made before
    for number in range(100):
        await client.get(f"/?tag=t{number}")
    kept = kept_by(app)._kept
    assert 1 < len(kept) < 50
    assert kept.size == sum(forms.size for forms in kept) <= 100_000


async def test_a_page_asked_for_again_is_still_kept_after_many_others(
    app: FastAPI,
    client: AsyncClient,
    slug: str,
    break_data: Hidden,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "MAX_BYTES", 200_000)
    app.middleware_stack = None  # what there is was made before
    first = await settled(client, PAGE.format(slug=slug))
    for number in range(100):
        await client.get(f"/?tag=t{number}")
    await break_data()
    assert (await client.get(PAGE.format(slug=slug))).text == first.text


async def test_headers_and_addresses_made_up_by_the_thousand_are_not_kept(
    app: FastAPI, client: AsyncClient, slug: str
) -> None:
    for number in range(60):
        await client.get("/", headers={"HX-Boosted": f"made-up-{number}"})
    await client.get(f"/?q={'x' * answers.MAX_ADDRESS}")
    kept = kept_by(app)._kept
    assert [len(forms.answers) for forms in kept] <= [answers.MAX_FORMS]


async def test_a_header_longer_than_any_is_not_kept(
    app: FastAPI, client: AsyncClient, slug: str
) -> None:
    await client.get(ENTRY.format(slug=slug), headers={"Accept": "x" * answers.MAX_ADDRESS})
    await client.get("/", headers={"HX-Boosted": "x" * answers.MAX_ADDRESS})
    assert len(kept_by(app)._kept) == 0


async def test_an_old_state_takes_no_memory(
    app: FastAPI, maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    for number in range(5):
        await client.get(f"/?tag=t{number}")
    await create_entry(maintainer, title="Another one that has nothing to do with it")
    await client.get("/tags")
    assert len(kept_by(app)._kept) == 1
