"""`Idempotency-Key`: a POST that is sent again is carried out once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlmodel import func, select

from kb import clock
from kb.errors import AnswerLost, InFlight
from kb.idempotency import service as idempotency
from kb.idempotency.service import HELD, KEPT, Sent
from kb.models import Entry, IdempotencyKey, Report, Suggestion
from kb.runtime import Runtime, open_runtime
from tests.conftest import app_on, client_of
from tests.factories import create_entry, make_values

ENTRIES = "/api/v1/entries"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


async def count(runtime: Runtime, model: Any) -> int:
    async with runtime.database.read() as session:
        number: int = (await session.exec(select(func.count()).select_from(model))).one()
        return number


@pytest.fixture
def other_app(runtime: Runtime) -> FastAPI:
    return app_on(runtime)


@pytest.fixture
async def second(
    other_app: FastAPI, runtime: Runtime, maintainer: AsyncClient
) -> AsyncIterator[AsyncClient]:
    """The maintainer's program at another server on the same data folder."""
    async with open_runtime(runtime.settings) as opened:
        other_app.state.runtime = opened
        async with client_of(other_app, **dict(maintainer.headers)) as client:
            yield client


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


async def test_what_is_sent_again_gets_the_first_answer(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    first = await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    again = await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(runtime, Entry) == 1


async def test_a_key_in_quotes_is_the_same_key(maintainer: AsyncClient, runtime: Runtime) -> None:
    await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    quoted = {"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'}
    again = await maintainer.post(ENTRIES, json=make_values(), headers=quoted)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(runtime, Entry) == 1


async def test_every_kind_of_post_is_carried_out_once(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    entry = f"{ENTRIES}/{(await create_entry(maintainer))['slug']}"
    await client.post(ENTRIES, json=make_values(title="Suggested by a visitor"))
    report = {"holds": True, "version": "python 3.14"}
    posts: list[tuple[str, dict[str, Any]]] = [
        (f"{entry}/revisions", {"base": 1, "why": "One thread runs the loop."}),
        (f"{entry}/revisions/1/restore", {}),
        (f"{entry}/votes", {"value": 1}),
        (f"{entry}/reports", report),
        (f"{entry}/archive", {"reason": "An example"}),
        (f"{entry}/unarchive", {}),
        ("/api/v1/suggestions/1/accept", {}),
    ]
    for path, body in posts:
        first = await maintainer.post(path, json=body, headers=KEY)
        assert first.is_success, first.text
        again = await maintainer.post(path, json=body, headers=KEY)
        assert (again.status_code, again.content) == (first.status_code, first.content), path
        assert "Idempotent-Replayed" in again.headers
    assert (await client.get(entry)).json()["revision"] == 3
    assert await count(runtime, Report) == 1


async def test_another_body_or_base_under_the_key_is_refused(maintainer: AsyncClient) -> None:
    await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    other = await maintainer.post(ENTRIES, json=make_values(title="Another one"), headers=KEY)
    assert told(other) == (422, "idempotency-key-reused")
    assert "new key" in other.json()["detail"]
    path = f"{ENTRIES}/sleeping-in-an-endpoint-stalls-the-others/revisions"
    body = {"solution": "Await."}
    await maintainer.post(path, json=body, headers=KEY | {"If-Match": '"r1"'})
    stale = await maintainer.post(path, json=body, headers=KEY | {"If-Match": '"r2"'})
    assert told(stale) == (422, "idempotency-key-reused")


async def test_each_caller_and_each_address_has_keys_of_its_own(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    made = [
        (await caller.post(ENTRIES, json=make_values(), headers=KEY)).json()["slug"]
        for caller in (maintainer, owner)
    ]
    assert len(set(made)) == 2
    votes = [
        await maintainer.post(f"{ENTRIES}/{slug}/votes", json={"value": 1}, headers=KEY)
        for slug in made
    ]
    assert all("Idempotent-Replayed" not in vote.headers for vote in votes)


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "ümlaut", '"half'])
async def test_a_key_that_is_none_is_refused(
    maintainer: AsyncClient, runtime: Runtime, key: str
) -> None:
    headers = [(b"Idempotency-Key", key.encode())]
    answer = await maintainer.post(ENTRIES, json=make_values(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert await count(runtime, Entry) == 0


async def test_of_many_at_once_one_is_carried_out(
    maintainer: AsyncClient, second: AsyncClient, runtime: Runtime
) -> None:
    answers = await asyncio.gather(
        *(
            caller.post(ENTRIES, json=make_values(), headers=KEY)
            for caller in (maintainer, second) * 6
        )
    )
    assert await count(runtime, Entry) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert told(answer) == (409, "request-in-flight")
    created = [answer.content for answer in answers if answer.status_code == 201]
    assert len(set(created)) == 1
    last = await second.post(ENTRIES, json=make_values(), headers=KEY)
    assert (last.status_code, last.content) == (201, created[0])


async def test_a_visitor_is_not_heard_twice_with_or_without_the_cookie_of_the_answer(
    app: FastAPI, client: AsyncClient, runtime: Runtime
) -> None:
    first = await client.post(ENTRIES, json=make_values(), headers=KEY)
    assert "kb_visitor" in client.cookies
    with_cookie = await client.post(ENTRIES, json=make_values(), headers=KEY)
    async with client_of(app) as without:
        lost = await without.post(ENTRIES, json=make_values(), headers=KEY)
        assert "Set-Cookie" not in lost.headers
    assert first.status_code == 202
    assert first.content == with_cookie.content == lost.content
    assert await count(runtime, Suggestion) == 1


async def test_a_refusal_is_replayed_too(maintainer: AsyncClient) -> None:
    slug = (await create_entry(maintainer))["slug"]
    path = f"{ENTRIES}/{slug}/unarchive"
    refused = await maintainer.post(path, headers=KEY)
    assert refused.status_code == 409
    await maintainer.post(f"{ENTRIES}/{slug}/archive", json={"reason": "An example"})
    again = await maintainer.post(path, headers=KEY)
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["Content-Type"] == "application/problem+json"


async def test_bad_credentials_are_refused_each_time(
    app: FastAPI, maintainer: AsyncClient, runtime: Runtime
) -> None:
    async with client_of(app, authorization="Bearer kb_wrong") as stranger:
        answer = await stranger.post(ENTRIES, json=make_values(), headers=KEY)
    assert answer.status_code == 401
    assert await count(runtime, IdempotencyKey) == 0


async def test_a_fault_of_ours_leaves_the_key_free(
    app: FastAPI, maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with runtime.database.write() as session:
        await (await session.connection()).exec_driver_sql("ALTER TABLE entry_tag RENAME TO gone")
    with pytest.raises(Exception, match="entry_tag"):
        await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    async with runtime.database.write() as session:
        await (await session.connection()).exec_driver_sql("ALTER TABLE gone RENAME TO entry_tag")
    again = await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers


def sent() -> Sent:
    return Sent("token:script", f"POST {ENTRIES}", "a-key", "hash")


async def test_a_request_that_died_before_its_work_was_done_can_be_sent_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await idempotency.take(runtime.database, sent())
    with pytest.raises(InFlight):
        await idempotency.take(runtime.database, sent())
    now = clock.now() + HELD
    monkeypatch.setattr(clock, "now", lambda: now)
    assert isinstance(await idempotency.take(runtime.database, sent()), IdempotencyKey)


async def test_work_that_was_committed_is_not_done_again_though_its_answer_is_lost(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await idempotency.take(runtime.database, sent())
    assert isinstance(held, IdempotencyKey)
    with idempotency.holding(held):
        async with runtime.database.write():
            pass
    now = clock.now() + HELD
    monkeypatch.setattr(clock, "now", lambda: now)
    with pytest.raises(AnswerLost):
        await idempotency.take(runtime.database, sent())


async def test_whoever_was_too_slow_and_lost_the_key_commits_nothing(
    maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await idempotency.take(runtime.database, sent())
    assert isinstance(slow, IdempotencyKey)
    now = clock.now() + HELD
    monkeypatch.setattr(clock, "now", lambda: now)
    await idempotency.take(runtime.database, sent())
    with idempotency.holding(slow), pytest.raises(InFlight):
        async with runtime.database.write() as session:
            session.add(
                Suggestion(author="x", summary="", created_at=now, content={"title": "Lost"})
            )
    assert await count(runtime, Suggestion) == 0


async def test_a_key_is_forgotten_after_a_day(
    maintainer: AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    almost, past = clock.now() + KEPT - timedelta(minutes=1), clock.now() + KEPT
    monkeypatch.setattr(clock, "now", lambda: almost)
    again = await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    assert "Idempotent-Replayed" in again.headers
    monkeypatch.setattr(clock, "now", lambda: past)
    await maintainer.post(ENTRIES, json=make_values(), headers={"Idempotency-Key": "another"})
    assert await count(runtime, IdempotencyKey) == 1
    anew = await maintainer.post(ENTRIES, json=make_values(), headers=KEY)
    assert "Idempotent-Replayed" not in anew.headers
