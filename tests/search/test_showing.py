"""What is shown of hits, read past SQLAlchemy, against what everything else reads."""

import pytest
from httpx2 import AsyncClient

from kb.entries import lists, repository
from kb.entries.schemas import EntrySummary
from kb.runtime import Runtime
from kb.search.engine import Hit, SearchHits
from kb.search.showing import Page, Show, Summary
from tests.factories import create_entry, revise


async def page(runtime: Runtime, *ids: int, limit: int = 20, passed: tuple[int, ...] = ()) -> Page:
    hits = SearchHits(tuple(Hit(one, 1.0) for one in ids), len(ids), "", terms=frozenset({"loop"}))
    show = Show(runtime.settings.database_path, limit, frozenset(passed))
    return await runtime.executor.io(show, hits)


async def ids_of(runtime: Runtime) -> list[int]:
    async with runtime.database.read() as session:
        return list(await repository.all_ids(session))


def test_a_summary_has_the_columns_of_one() -> None:
    assert set(EntrySummary.model_fields) == set(Summary._fields)


async def test_an_entry_found_is_the_one_that_lists_show(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    await create_entry(maintainer, tags=["a", "b"], language="python", framework="fastapi")
    (one,) = await ids_of(runtime)
    async with runtime.database.read() as session:
        listed = await lists.summaries(session, [one])
    (shown,) = (await page(runtime, one)).entries
    assert EntrySummary.model_validate(shown.entry._asdict()) == listed[one]


async def test_a_page_has_what_was_not_passed_and_says_if_there_is_more(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    for _ in range(4):
        await create_entry(maintainer)
    first, second, third, fourth = await ids_of(runtime)
    shown = await page(runtime, fourth, third, second, first, limit=2, passed=(third,))
    assert [hit.id for hit in shown.shown] == [fourth, second]
    assert [one.entry.id for one in shown.entries] == [fourth, second]
    assert shown.more
    assert not (await page(runtime, fourth, third, limit=2)).more


async def test_what_is_archived_or_gone_is_passed_over(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    (one,) = await ids_of(runtime)
    reason = {"reason": "Out of date since the new version."}
    await maintainer.post(f"/api/v1/entries/{slug}/archive", json=reason)
    shown = await page(runtime, one, 4711)
    assert len(shown.shown) == 2
    assert shown.entries == []


async def test_what_was_read_before_is_shown_as_it_is_now(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    created = await create_entry(maintainer, title="A loop that waits", problem="It waits long.")
    (one,) = await ids_of(runtime)
    before = (await page(runtime, one)).entries[0]
    assert before.title == "A <mark>loop</mark> that waits"
    slug = created["slug"]
    await maintainer.post(f"/api/v1/entries/{slug}/votes", json={"value": 1})
    (voted,) = (await page(runtime, one)).entries
    assert voted.entry.votes == 1
    changed = {"title": "A loop that sleeps", "problem": "The loop sleeps long."}
    assert await revise(maintainer, slug, 1, **changed) == 201
    (after,) = (await page(runtime, one)).entries
    assert after.title == "A <mark>loop</mark> that sleeps"
    assert after.snippet.html == "The <mark>loop</mark> sleeps long."


async def test_more_than_is_kept_is_shown_too(
    maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await create_entry(
            maintainer, title=f"Loop number {number}", problem=f"It waits. {number} " * 20
        )
    ids = await ids_of(runtime)
    monkeypatch.setattr("kb.search.showing.KEPT_BYTES", 1_200)
    await page(runtime, *ids[:2])
    shown = (await page(runtime, *ids)).entries
    assert [one.title for one in shown] == [f"<mark>Loop</mark> number {n}" for n in range(3)]
