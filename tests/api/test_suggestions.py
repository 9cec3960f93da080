"""The API's suggestions: list, get, accept, reject, withdraw."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.review.service import MAX_ABOUT_ENTRY, MAX_BY_AUTHOR
from tests.conftest import Prepared, client_of
from tests.factories import create_entry, make_values, revise

ALL = "/api/v1/suggestions"


@pytest.fixture
def slug(data_with_entry: Prepared) -> str:
    """An entry at revision 1."""
    return data_with_entry.slug


async def suggest(client: AsyncClient, slug: str, **changes: object) -> str:
    """Suggest a revision; return the suggestion's address in the API."""
    answer = await client.post(f"/api/v1/entries/{slug}/revisions", json={"base": 1} | changes)
    assert answer.status_code == 202, answer.text
    return f"{ALL}/{answer.json()['id']}"


async def get(client: AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_suggestion_says_what_it_would_change(client: AsyncClient, slug: str) -> None:
    address = await suggest(client, slug, why="Many threads.", summary="Count")
    one = await get(client, address)
    assert (one["status"], one["standing"], one["entry"]) == ("pending", "current", slug)
    assert (one["author"], one["summary"], one["base"]) == ("anonymous", "Count", 1)
    assert one["content"]["why"] == "Many threads."
    [change] = one["changes"]
    assert (change["field"], change["lines"][0]["op"]) == ("why", "insert")
    assert one["conflicts"] == []
    assert "author_key" not in one


async def test_suggestions_are_listed_by_status_a_page_at_a_time(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    addresses = [await suggest(client, slug, why=f"Reason {n}") for n in range(5)]
    await client.post("/api/v1/entries", json=make_values(title="Another entry altogether"))
    first = await client.get(ALL, params={"limit": 4})
    page = first.json()
    assert [item["id"] for item in page["items"]] == [6, 5, 4, 3]
    assert page["items"][0]["entry"] is None
    assert page["total"] == 6
    rest = (await client.get(first.links["next"]["url"])).json()
    assert [item["id"] for item in rest["items"]] == [2, 1]
    assert rest["next"] is None
    assert (await maintainer.post(f"{addresses[0]}/accept")).status_code == 200
    waiting = (await get(client, ALL))["items"]
    assert {item["standing"] for item in waiting if item["entry"]} == {"conflict"}
    accepted = await get(client, f"{ALL}?status=accepted")
    assert [item["revision"] for item in accepted["items"]] == [2]
    assert (await get(client, f"{ALL}?status=all"))["total"] == 6
    assert (await client.get(ALL, params={"limit": 0})).status_code == 422
    assert (await client.get(ALL, params={"status": "lost"})).status_code == 422
    assert (await client.get(ALL, params={"cursor": "x"})).status_code == 422


async def test_accepting_applies_it_in_its_authors_name(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    assert await revise(maintainer, slug, 1, context="Everywhere.") == 201
    assert (await get(client, address))["standing"] == "rebased"
    answer = await maintainer.post(f"{address}/accept")
    assert answer.status_code == 200
    one = answer.json()
    assert (one["status"], one["decided_by"], one["revision"]) == ("accepted", "script", 3)
    assert one["standing"] is None
    made = await get(client, f"/api/v1/entries/{slug}/revisions/3")
    assert (made["author"], made["merged"], made["base"]) == ("anonymous", True, 1)
    said = made["content"]
    assert (said["why"], said["context"]) == ("Many threads.", "Everywhere.")


async def test_accepting_what_touches_takes_the_fields_in_conflict(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    address = await suggest(client, slug, why="Suggested.", context="Suggested.")
    assert await revise(maintainer, slug, 1, why="Theirs.") == 201
    assert [one["field"] for one in (await get(client, address))["conflicts"]] == ["why"]
    refused = await maintainer.post(f"{address}/accept")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["theirs"]["content"]["why"] == "Theirs."
    assert problem["yours"]["content"]["why"] == "Suggested."
    assert [one["field"] for one in problem["conflicts"]] == ["why"]
    for body, status in (
        ({"why": "Both."}, 428),
        ({"why": "Both.", "base": 1}, 409),
        ({"context": "Not that one.", "base": 2}, 409),
        ({"why": "Both.", "base": 2, "version": 2}, 409),
        ({"why": "Both.", "base": 2, "title": "short"}, 422),
    ):
        answer = await maintainer.post(f"{address}/accept", json=body)
        assert answer.status_code == status, body
    solved = {"why": "Both.", "base": 2, "version": 1}
    assert (await maintainer.post(f"{address}/accept", json=solved)).status_code == 200
    entry = await get(client, f"/api/v1/entries/{slug}")
    assert (entry["why"], entry["context"], entry["revision"]) == ("Both.", "Suggested.", 3)
    assert (await get(client, address))["with_changes"] is True


async def test_a_suggested_entry_is_accepted_with_another_title(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    made = await client.post("/api/v1/entries", json=make_values())
    address = f"{ALL}/{made.json()['id']}"
    one = await get(client, address)
    assert (one["entry"], one["changes"], one["standing"]) == (None, [], None)
    better = {"title": "A title that says it better"}
    accepted = (await maintainer.post(f"{address}/accept", json=better)).json()
    assert (accepted["entry"], accepted["revision"]) == ("a-title-that-says-it-better", 1)


async def test_a_rejection_has_a_reason(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    address = await suggest(client, slug, why="Nonsense.")
    answer = await maintainer.post(f"{address}/reject", json={"reason": "Not true"})
    assert (answer.json()["status"], answer.json()["reason"]) == ("rejected", "Not true")
    assert (await maintainer.post(f"{address}/reject")).status_code == 409


async def test_only_its_author_withdraws_a_suggestion(
    client: AsyncClient, maintainer: AsyncClient, app: FastAPI, slug: str
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    assert (await maintainer.post(f"{address}/withdraw")).status_code == 403
    async with client_of(app) as other:
        assert (await other.post(f"{address}/withdraw")).status_code == 401
    assert (await client.post(f"{address}/withdraw")).json()["status"] == "withdrawn"
    assert (await maintainer.post(f"{address}/accept")).status_code == 409


async def test_of_two_decisions_at_once_one_wins_and_the_other_is_told(
    client: AsyncClient, maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    for _ in range(5):
        revision = (await get(client, f"/api/v1/entries/{slug}"))["revision"]
        answer = await client.post(
            f"/api/v1/entries/{slug}/revisions",
            json={"base": revision, "why": f"Reason {revision}"},
        )
        address = f"{ALL}/{answer.json()['id']}"
        decisions = [
            maintainer.post(f"{address}/accept"),
            owner.post(f"{address}/reject", json={"reason": "No"}),
            owner.post(f"{address}/accept"),
            client.post(f"{address}/withdraw"),
        ]
        answers = await asyncio.gather(*decisions)
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
        told = [one.json()["detail"] for one in answers if one.status_code == 409]
        status = (await get(client, address))["status"]
        assert all(status in detail for detail in told)


async def test_accepting_two_that_do_not_touch_at_once_applies_both(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    one = await suggest(client, slug, why="Many threads.")
    two = await suggest(client, slug, context="Everywhere.")
    both = await asyncio.gather(*(maintainer.post(f"{each}/accept") for each in (one, two)))
    assert [answer.status_code for answer in both] == [200, 200]
    entry = await get(client, f"/api/v1/entries/{slug}")
    assert (entry["why"], entry["context"]) == ("Many threads.", "Everywhere.")


@pytest.mark.parametrize("decision", ["accept", "reject", "withdraw"])
async def test_what_does_not_exist_cannot_be_decided(
    maintainer: AsyncClient, client: AsyncClient, slug: str, decision: str
) -> None:
    assert (await maintainer.post(f"{ALL}/99/{decision}")).status_code == 404
    assert (await maintainer.post(f"{ALL}/x/{decision}")).status_code == 422
    address = await suggest(client, slug, why="Many threads.")
    if decision != "withdraw":
        assert (await client.post(f"{address}/{decision}")).status_code == 401


async def test_a_summary_alone_is_changed_without_naming_a_base(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    address = await suggest(client, slug, why="Many threads.", summary="teh reason")
    assert await revise(maintainer, slug, 1, context="Everywhere.") == 201
    answer = await maintainer.post(f"{address}/accept", json={"summary": "The reason"})
    assert answer.status_code == 200, answer.text
    made = await get(client, f"/api/v1/entries/{slug}/revisions/3")
    assert (made["summary"], made["merged"]) == ("The reason", True)
    assert made["content"]["why"] == "Many threads."


async def test_who_accepts_supersedes_what_that_makes_idle(
    client: AsyncClient, maintainer: AsyncClient, slug: str
) -> None:
    one, same = [await suggest(client, slug, why="Many threads.") for _ in range(2)]
    assert (await maintainer.post(f"{one}/accept")).status_code == 200
    idle = await get(client, same)
    assert (idle["status"], idle["decided_by"]) == ("superseded", "script")


async def test_one_author_has_so_many_suggestions_waiting_and_no_more(
    client: AsyncClient, maintainer: AsyncClient, app: FastAPI, slug: str
) -> None:
    addresses = [await suggest(client, slug, why=f"Reason {n}") for n in range(MAX_BY_AUTHOR)]
    body = {"base": 1, "why": "One more"}
    refused = await client.post(f"/api/v1/entries/{slug}/revisions", json=body)
    assert refused.status_code == 409
    assert "wait for a review" in refused.json()["detail"]
    assert (await client.post("/api/v1/entries", json=make_values())).status_code == 409
    async with client_of(app) as other:
        await suggest(other, slug, why="One of another visitor")
    assert (await client.post(f"{addresses[0]}/withdraw")).status_code == 200
    await suggest(client, slug, why="One more")
    assert (await maintainer.post(f"{addresses[1]}/accept")).status_code == 200


async def test_so_many_suggestions_wait_about_one_entry_and_no_more(
    maintainer: AsyncClient, app: FastAPI, slug: str
) -> None:
    for number in range(MAX_ABOUT_ENTRY):
        async with client_of(app) as visitor:
            last = await suggest(visitor, slug, why=f"Reason {number}")
    async with client_of(app) as visitor:
        body = {"base": 1, "why": "One more"}
        refused = await visitor.post(f"/api/v1/entries/{slug}/revisions", json=body)
        assert refused.status_code == 409
        assert "about this entry" in refused.json()["detail"]
        another = (await create_entry(maintainer, title="Another entry altogether"))["slug"]
        await suggest(visitor, another, why="There is room here")
        assert (await maintainer.post(f"{last}/reject")).status_code == 200
        await suggest(visitor, slug, why="One more")
