"""Many who revise one entry at once: what touches is refused, and all else is kept."""

import asyncio
import random
from typing import Any

import pytest
from httpx2 import AsyncClient

from kb.entries.schemas import EntryContent
from kb.revisions.merge import merge
from tests.factories import create_entry

CLIENTS = 50
PARAGRAPHS = 12


@pytest.fixture
async def path(maintainer: AsyncClient) -> str:
    """The address of an entry with much in it."""
    problem = "\n\n".join(f"Paragraph {n}." for n in range(PARAGRAPHS))
    gotchas = [f"Gotcha {n}." for n in range(5)]
    made = await create_entry(maintainer, problem=problem, gotchas=gotchas)
    return f"/api/v1/entries/{made['slug']}"


async def content_at(client: AsyncClient, path: str, number: int) -> EntryContent:
    revision = (await client.get(f"{path}/revisions/{number}")).json()
    return EntryContent.model_validate(revision["content"])


async def history_of(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    """Return the whole history, the oldest first."""
    items: list[dict[str, Any]] = []
    address: str | None = f"{path}/revisions?limit=7"
    while address:
        answer = await client.get(address)
        page = answer.json()
        items += page["items"]
        address = answer.links["next"]["url"] if page["next"] else None
        assert bool(page["next"]) == (len(items) < page["total"])
    return items[::-1]


def changed(rng: random.Random, who: str, content: EntryContent) -> dict[str, Any]:
    """Return a change of one field or two, in which `who` can be found again."""
    paragraphs = content.problem.split("\n\n")
    paragraphs[rng.randrange(len(paragraphs))] += f" Says {who}."
    gotchas = list(content.gotchas)
    gotchas[rng.randrange(len(gotchas))] += f" Says {who}."
    choices: list[dict[str, Any]] = [
        {"problem": "\n\n".join(paragraphs)},
        {"gotchas": gotchas},
        {"gotchas": [*content.gotchas, f"New, says {who}."]},
        {"error_messages": [*content.error_messages, f"Error of {who}"]},
        {"why": f"Because, says {who}."},
        {"title": f"The title as {who} would have it"},
    ]
    return {name: value for change in rng.sample(choices, 2) for name, value in change.items()}


async def test_fifty_clients_on_random_bases_lose_nothing(
    maintainer: AsyncClient, client: AsyncClient, path: str
) -> None:
    accepted: dict[int, dict[str, Any]] = {}

    async def revise(number: int) -> None:
        rng = random.Random(number)
        newest = (await client.get(path)).json()["revision"]
        base = rng.randint(1, newest)
        change = changed(rng, f"client {number}", await content_at(client, path, base))
        await asyncio.sleep(rng.random() / 5)
        sent = {"base": base, "summary": f"By client {number}"} | change
        answer = await maintainer.post(f"{path}/revisions", json=sent)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            made = answer.json()
            assert made["merged"] == (made["number"] - 1 != base)
            accepted[made["number"]] = sent
        else:
            conflicts = {one["field"] for one in answer.json()["conflicts"]}
            assert conflicts
            assert conflicts <= set(change)

    await asyncio.gather(*(revise(number) for number in range(CLIENTS)))
    assert len(accepted) > 5
    history = await history_of(client, path)
    assert [item["number"] for item in history] == list(range(1, len(accepted) + 2))
    states = {1: await content_at(client, path, 1)}
    for item in history[1:]:
        number, sent = item["number"], accepted[item["number"]]
        assert item["summary"] == sent["summary"]
        assert item["base"] == sent["base"]
        typed = {name: sent[name] for name in sent.keys() & EntryContent.model_fields.keys()}
        base = states[sent["base"]]
        merged = merge(base, states[number - 1], base.model_copy(update=typed))
        assert merged.conflicts == ()
        states[number] = merged.content
        assert await content_at(client, path, number) == merged.content
        who = sent["summary"].removeprefix("By ")
        assert all(who in str(getattr(merged.content, name)) for name in typed)
        if item["merged_with"] is not None:
            assert item["kind"] == "merge"
            assert item["merged_with"] == number - 1
    entry = (await client.get(path)).json()
    last = states[len(accepted) + 1].model_dump(mode="json")
    assert {name: entry[name] for name in last} == last


async def test_what_does_not_touch_is_merged_and_says_so(
    maintainer: AsyncClient, client: AsyncClient, path: str
) -> None:
    first = await maintainer.post(f"{path}/revisions", json={"base": 1, "why": "Theirs."})
    assert first.json()["merged"] is False
    answer = await maintainer.post(f"{path}/revisions", json={"base": 1, "context": "Mine."})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["merged"], made["kind"]) == (True, "merge")
    assert (made["number"], made["base"], made["merged_with"]) == (3, 1, 2)
    assert answer.headers["ETag"] == '"r3"'
    entry = (await client.get(path)).json()
    assert (entry["why"], entry["context"]) == ("Theirs.", "Mine.")


async def test_a_merge_that_adds_nothing_is_refused(
    maintainer: AsyncClient, client: AsyncClient, path: str
) -> None:
    change = {"base": 1, "why": "The same."}
    assert (await maintainer.post(f"{path}/revisions", json=change)).status_code == 201
    again = await maintainer.post(f"{path}/revisions", json=change)
    assert again.status_code == 422
    assert "changes nothing" in again.json()["detail"]
    assert (await client.get(path)).json()["revision"] == 2


async def test_a_conflict_names_the_fields_and_has_the_passages_that_touch(
    maintainer: AsyncClient, path: str
) -> None:
    base = (await maintainer.get(path)).json()["problem"]
    theirs, yours = (base.replace("Paragraph 3.", whose) for whose in ("Theirs.", "Yours."))
    yours = yours.replace("Paragraph 9.", "Mine alone.")
    await maintainer.post(f"{path}/revisions", json={"base": 1, "problem": theirs, "why": "New."})
    answer = await maintainer.post(f"{path}/revisions", json={"base": 1, "problem": yours})
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["base"]["content"]["problem"] == base
    assert problem["theirs"]["content"]["problem"] == theirs
    assert problem["yours"]["content"]["problem"] == yours
    [conflict] = problem["conflicts"]
    assert conflict["field"] == "problem"
    assert conflict["with_theirs"] == theirs.replace("Paragraph 9.", "Mine alone.")
    assert conflict["with_yours"] == yours
    touching = [part for part in conflict["parts"] if "text" not in part]
    assert touching == [{"base": "Paragraph 3.", "theirs": "Theirs.", "yours": "Yours."}]
    solved = {"base": problem["theirs"]["revision"], "problem": conflict["with_theirs"]}
    assert (await maintainer.post(f"{path}/revisions", json=solved)).status_code == 201
    entry = (await maintainer.get(path)).json()
    assert (entry["problem"], entry["why"]) == (conflict["with_theirs"], "New.")


async def test_a_visitors_stale_change_is_suggested_where_it_does_not_touch(
    maintainer: AsyncClient, client: AsyncClient, path: str
) -> None:
    await maintainer.post(f"{path}/revisions", json={"base": 1, "why": "Theirs."})
    fits = await client.post(f"{path}/revisions", json={"base": 1, "context": "A visitor's."})
    assert fits.status_code == 202
    touches = await client.post(f"{path}/revisions", json={"base": 1, "why": "A visitor's."})
    assert touches.status_code == 409
    assert [one["field"] for one in touches.json()["conflicts"]] == ["why"]


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 413), (900_000, 422)])
async def test_a_field_of_a_megabyte_is_refused_and_the_server_goes_on(
    maintainer: AsyncClient, client: AsyncClient, path: str, size: int, status: int
) -> None:
    answer = await maintainer.post(f"{path}/revisions", json={"base": 1, "why": "x" * size})
    assert answer.status_code == status
    assert (await client.get(path)).json()["revision"] == 1
