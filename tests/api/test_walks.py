"""Walks by cursor through lists that change meanwhile: no old entry is missed, none met twice."""

import json
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlmodel import insert

from kb import clock
from kb.db.database import WriteSession
from kb.entries import lists
from kb.entries import repository as entries_repository
from kb.models import Entry, EntryTag, Revision, RevisionKind
from kb.revisions import service as revisions
from kb.revisions.service import Change
from kb.runtime import Runtime
from tests.factories import create_entry, make_content, make_values, revise

ENTRIES = 5_000
CHANGES = 200


async def fill(session: WriteSession, number: int) -> None:
    """Store entries of one revision each, a second apart, as if they had come long ago."""
    content = make_content().model_dump(mode="json")
    start = clock.now() - timedelta(days=1)
    entries, histories = [], []
    for one in range(1, number + 1):
        at = start + timedelta(seconds=one)
        about = {"id": one, "slug": f"old-{one}", "revision": 1, "submitted_by": "script"}
        entries.append(content | about | {"created_at": at, "updated_at": at})
        histories.append(
            {"entry_id": one, "number": 1, "kind": "create", "author": "script", "summary": ""}
            | {"created_at": at, "content": content}
        )
    await session.exec(insert(Entry), params=entries)
    await session.exec(insert(Revision), params=histories)
    tags = [
        {"entry_id": one["id"], "tag": "asyncio", "created_at": one["created_at"]}
        for one in entries
    ]
    await session.exec(insert(EntryTag), params=tags)


class Walk:
    """Somebody who asks for one page after the other."""

    def __init__(self, client: AsyncClient, path: str = "/api/v1/entries", **params: str) -> None:
        self._client = client
        self._path = path
        self._params = params
        self.met: list[str] = []
        self.ended = False

    async def step(self) -> None:
        answer = await self._client.get(self._path, params=self._params)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        self.met += [item["slug"] for item in page["items"]]
        self.ended = page["next"] is None
        self._params = self._params | {"cursor": page["next"] or ""}

    async def rest(self) -> list[str]:
        while not self.ended:
            await self.step()
        return self.met


async def change(session: WriteSession, slug: str) -> None:
    """Revise the entry, which has one revision, and add another."""
    entry = await entries_repository.by_slug(session, slug)
    assert entry
    content = make_content(solution=f"Await {slug}.")
    edit = Change(content, "script", "", RevisionKind.EDIT, base=1)
    await revisions.apply(session, entry, edit)
    await revisions.create(session, Change(content, "script", "", RevisionKind.CREATE))


async def test_a_walk_through_5000_entries_meets_every_old_one_once_while_400_change(
    client: AsyncClient, runtime: Runtime
) -> None:
    async with runtime.database.write() as session:
        await fill(session, ENTRIES)
    old = [f"old-{one}" for one in range(1, ENTRIES + 1)]
    random = Random(5)
    revised = iter(random.sample(old, CHANGES))
    walks = [Walk(client, sort=sort, limit="100", tag="asyncio") for sort in ("newest", "updated")]
    each = CHANGES // (ENTRIES // 100)
    while not all(walk.ended for walk in walks):
        for walk in walks:
            if not walk.ended:
                await walk.step()
        async with runtime.database.write() as session:
            for slug, _ in zip(revised, range(each), strict=False):
                await change(session, slug)
    assert next(revised, None) is None
    for walk in walks:
        met = Counter(walk.met)
        assert met.keys() >= set(old)
        assert set(met.values()) == {1}


SORTS = ("relevance", "newest", "updated", "votes", "views")


async def test_walks_through_a_search_meet_every_old_entry_once_while_others_come_and_move(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    old = [
        (await create_entry(maintainer, title=f"The event loop stalls, case {one}"))["slug"]
        for one in range(30)
    ]
    await runtime.indexer.drain()
    walks = {
        sort: Walk(client, "/api/v1/search", q="event loop", sort=sort, limit="4") for sort in SORTS
    }
    for one in range(5):
        for walk in walks.values():
            await walk.step()
        moved = old[6 * one]
        assert await revise(maintainer, moved, 1, title=f"Event loop! Event loop! {one}") == 201
        await maintainer.post(f"/api/v1/entries/{old[-one - 1]}/votes", json={"value": 1})
        await create_entry(maintainer, title=f"Event loop, event loop, event loop {one}")
        await runtime.indexer.drain()
    for sort, walk in walks.items():
        met = Counter(await walk.rest())
        assert met.keys() >= set(old), sort
        assert set(met.values()) == {1}, sort


async def test_a_tag_s_entries_come_in_the_order_of_all_also_where_an_import_says_another_date(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for number in range(6):
        tags = ["a", "b"] if number % 2 else ["a"]
        await create_entry(maintainer, title=f"Number {number} of six entries", tags=tags)
    history = (await maintainer.get("/api/v1/export?history=true")).text.splitlines()
    records = [json.loads(line) for line in history]
    (last,) = (
        one
        for one in records
        if one.get("slug") == "number-5-of-six-entries"
        and "created_at" in one
        and "number" not in one
    )
    last["created_at"] = "2001-01-01T00:00:00Z"
    lines = "\n".join(map(json.dumps, records))
    headers = {"Content-Type": "application/x-ndjson"}
    await maintainer.post("/api/v1/import", content=lines, headers=headers)
    everything = await Walk(client, limit="2").rest()
    assert everything[-1] == "number-5-of-six-entries"
    assert await Walk(client, limit="2", tag="a").rest() == everything
    odd = [slug for slug in everything if int(slug[7]) % 2]
    assert await Walk(client, limit="2", tag="b").rest() == odd
    page = await client.get("/?tag=b")
    assert [page.text.index(f'"/entries/{slug}') for slug in odd] == sorted(
        page.text.index(f'"/entries/{slug}') for slug in odd
    )


@pytest.mark.parametrize("sort", ["votes", "views", "updated"])
async def test_a_selection_is_in_order_wherever_in_all_it_stands(
    maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(lists, "WALKED", 7)
    random = Random(3)
    lines = [
        json.dumps(
            make_values(
                title=f"Entry number {number} of all",
                language=random.choice(["python", "rust"]),
                tags=random.sample(["a", "b"], random.randint(1, 2)),
            )
        )
        for number in range(40)
    ]
    headers = {"Content-Type": "application/x-ndjson"}
    await maintainer.post("/api/v1/import", content="\n".join(lines), headers=headers)
    async with runtime.database.write() as session:
        for entry_id in await entries_repository.all_ids(session):
            await entries_repository.add_views(session, {entry_id: random.randint(0, 5)})
            entry = await entries_repository.by_id(session, entry_id)
            assert entry
            await entries_repository.add_votes(session, entry, random.randint(0, 5))
    every = (await maintainer.get(f"/api/v1/entries?sort={sort}&limit=100")).json()["items"]
    for filters, slugs in (
        ({"language": "rust"}, [one["slug"] for one in every if one["language"] == "rust"]),
        ({"tag": "a"}, [one["slug"] for one in every if "a" in one["tags"]]),
    ):
        assert len(slugs) > 9
        assert await Walk(maintainer, sort=sort, limit="3", **filters).rest() == slugs
        page = (await maintainer.get("/", params={"sort": sort, **filters})).text
        places = [page.index(f"/entries/{slug}?") for slug in slugs[:20]]
        assert places == sorted(places)


async def test_what_a_revision_moved_is_met_where_it_stood_and_says_what_it_says_now(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    first, second, third = [(await create_entry(maintainer))["slug"] for _ in range(3)]
    walk = Walk(client, sort="updated", limit="1")
    await walk.step()
    assert await revise(maintainer, first, 1, title="Said in other words by now") == 201
    assert await revise(maintainer, third, 1, title="Seen already, then revised") == 201
    assert await walk.rest() == [third, second, first]
    anew = (await client.get("/api/v1/entries", params={"sort": "updated"})).json()["items"]
    assert [item["slug"] for item in anew] == [third, first, second]


@pytest.mark.parametrize("path", ["/api/v1/entries", "/api/v1/search", "/api/v1/suggestions"])
async def test_a_cursor_with_any_character_changed_is_refused(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, path: str
) -> None:
    for _ in range(2):
        await create_entry(maintainer)
        await client.post("/api/v1/entries", json=make_values())
    await runtime.indexer.drain()
    cursor: str = (await client.get(path, params={"limit": "1"})).json()["next"]
    assert cursor, path
    for place, letter in enumerate(cursor):
        forged = cursor[:place] + ("A" if letter != "A" else "B") + cursor[place + 1 :]
        answer = await client.get(path, params={"limit": "1", "cursor": forged})
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["errors"][0]["field"] == "cursor"
        assert "`next`" in problem["detail"]


async def test_a_cursor_of_another_list_is_refused(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for _ in range(2):
        await create_entry(maintainer)
    params = {"limit": "1"}
    cursor = (await client.get("/api/v1/entries", params=params)).json()["next"]
    for path, sort in (("search", "newest"), ("entries", "updated"), ("entries", "votes")):
        sent = params | {"cursor": cursor, "sort": sort}
        assert (await client.get(f"/api/v1/{path}", params=sent)).status_code == 422
