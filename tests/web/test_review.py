"""Suggestions: seen, accepted, rejected."""

import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry, revise
from tests.web.pages import get_page, parsed, send, sent_to
from tests.web.test_entry_page import WHOLE
from tests.web.test_new_entry import draft
from tests.web.test_revise import content_of, form_of


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """The slug of an entry."""
    return str((await create_entry(maintainer, **WHOLE))["slug"])


async def suggest(client: AsyncClient, slug: str, **changes: str) -> str:
    """Suggest a revision; return the suggestion's page."""
    form = await form_of(client, slug)
    return sent_to(await send(client, form.action, form.filled(**changes)))


async def test_an_owner_sees_what_waits_and_accepts_it(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.", summary="Count <again>")
    waiting = await get_page(owner, "/review")
    assert "Count <again>" in waiting.text
    assert waiting.links[str(WHOLE["title"])] == address
    assert waiting.links["Review 1 waiting"] == "/review"
    answer = await owner.get(address)
    page = parsed(answer)
    assert "<del>One thread runs the loop.</del>" in answer.text
    form = page.forms[f"{address}/accept"]
    assert sent_to(await send(owner, form.action, form.fields)) == address
    decided = await get_page(client, address)
    assert "Accepted by owner" in decided.text
    assert decided.links["See the entry"] == f"/entries/{slug}"
    assert (await content_of(client, slug))["why"] == "Many threads."
    history = await get_page(client, f"/entries/{slug}/revisions")
    assert "edited by anonymous" in history.text
    assert "Nothing waits" in (await get_page(owner, "/review")).text


async def test_a_suggested_entry_is_shown_whole_and_accepted(
    client: AsyncClient, owner: AsyncClient
) -> None:
    fields = await draft(client, problem="It **stalls**.")
    address = sent_to(await send(client, "/entries", fields))
    answer = await owner.get(address)
    assert "<strong>stalls</strong>" in answer.text
    assert "New entry" in (await get_page(owner, "/review")).text
    assert sent_to(await send(owner, f"{address}/accept", [])) == address
    decided = await get_page(client, address)
    entry = await get_page(client, decided.links["See the entry"])
    assert "Submitted by anonymous" in entry.text


async def test_a_rejection_tells_its_reason(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Nonsense.")
    reason = [("reason", "Not <true>, sorry")]
    assert sent_to(await send(owner, f"{address}/reject", reason)) == address
    page = await get_page(client, address)
    assert "Rejected by owner" in page.text
    assert "“Not <true>, sorry”" in page.text
    assert (await content_of(client, slug))["revision"] == 1


async def test_a_second_decision_is_a_conflict(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    assert (await send(owner, f"{address}/accept", [])).status_code == 303
    for decision in ("accept", "reject"):
        page = parsed(await send(owner, f"{address}/{decision}", []), status=409)
        assert "owner has accepted this suggestion already" in page.text
    assert (await content_of(client, slug))["revision"] == 2


async def test_accepting_what_is_stale_brings_both_together_in_a_form(
    slug: str, maintainer: AsyncClient, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Suggested.", summary="A reason")
    assert await revise(maintainer, slug, 1, why="Theirs.", context="New context.") == 201
    shown = await get_page(owner, address)
    assert "The entry has moved on since, to revision 2" in shown.text
    assert "Compared with the entry today" in shown.headings
    page = parsed(await send(owner, f"{address}/accept", []), status=409)
    assert "Theirs." in page.text
    form = page.forms["entry-form"]
    sent = dict(form.fields)
    assert (sent["why"], sent["base"], sent["summary"]) == ("Suggested.", "2", "A reason")
    assert form.action == f"/entries/{slug}/revisions"
    assert (await content_of(client, slug))["why"] == "Theirs."
    assert "waits for a review" in (await get_page(owner, address)).text


async def test_a_visitor_sees_but_does_not_decide(slug: str, client: AsyncClient) -> None:
    address = await suggest(client, slug, why="Many threads.")
    page = await get_page(client, address)
    assert not any(action.startswith(address) for action in page.forms)
    for decision in ("accept", "reject"):
        assert (await send(client, f"{address}/{decision}", [])).status_code == 401
    assert (await content_of(client, slug))["revision"] == 1


async def test_a_reason_too_long_decides_nothing(
    slug: str, client: AsyncClient, owner: AsyncClient, runtime: Runtime
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    answer = await send(owner, f"{address}/reject", [("reason", "x" * 301)])
    parsed(answer, status=422)
    assert "waits for a review" in (await get_page(owner, address)).text
