"""Suggestions: seen, accepted, rejected."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.conftest import client_of
from tests.factories import create_entry, make_values, revise
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


async def test_accepting_what_touches_brings_both_together_in_a_form(
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
    assert sent["context"] == "New context."
    assert (await content_of(client, slug))["why"] == "Theirs."
    assert "waits for a review" in (await get_page(owner, address)).text
    assert "in conflict" in (await get_page(owner, "/review")).text
    both = form.filled(why="Theirs. Suggested.")
    assert sent_to(await send(owner, form.action, both)) == address
    assert "Accepted with changes by owner" in (await get_page(client, address)).text
    said = await content_of(client, slug)
    assert (said["why"], said["context"]) == ("Theirs. Suggested.", "New context.")
    assert "edited by anonymous" in (await get_page(client, f"/entries/{slug}/revisions")).text


async def test_a_visitor_sees_but_does_not_decide(
    slug: str, client: AsyncClient, app: FastAPI
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    async with client_of(app) as other:
        page = await get_page(other, address)
        assert not any(action.startswith(address) for action in page.forms)
        for action in ("withdraw", "edit"):
            assert (await send(other, f"{address}/{action}", [])).status_code == 401
        assert (await other.get(f"{address}/edit")).status_code == 401
    assert (await client.get(f"{address}/accept")).status_code == 401
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


async def test_what_does_not_touch_is_accepted_on_top_of_the_entry_today(
    slug: str, maintainer: AsyncClient, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    assert await revise(maintainer, slug, 1, context="In the tests, too.") == 201
    answer = await owner.get(address)
    page = parsed(answer)
    assert "the two do not touch" in page.text
    assert "In the tests, too." not in page.text  # it is in the entry, so nothing of it changes
    assert "rebased on revision 2" in (await get_page(owner, "/review")).text
    assert sent_to(await send(owner, f"{address}/accept", [])) == address
    said = await content_of(client, slug)
    assert (said["why"], said["context"]) == ("Many threads.", "In the tests, too.")
    decided = await get_page(client, address)
    assert decided.links["revision 3"] == f"/entries/{slug}/revisions/3"
    assert "from revisions 1 and 2" in (await get_page(client, f"/entries/{slug}/revisions")).text


async def test_accepting_one_rebases_a_second_and_puts_a_third_in_conflict(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    first = await suggest(client, slug, why="Many threads.")
    second = await suggest(client, slug, context="Everywhere.")
    third = await suggest(client, slug, why="One process.")
    await send(owner, f"{first}/accept", [])
    page = await get_page(owner, "/review")
    assert "rebased on revision 2" in page.text
    assert "in conflict with the entry today" in page.text
    assert "the two do not touch" in (await get_page(client, second)).text
    touched = await get_page(client, third)
    assert "Both changed Why" in touched.text
    assert touched.links["Bring them together"] == f"{third}/edit"


async def test_a_suggestion_that_says_nothing_new_any_more_is_superseded(
    slug: str, maintainer: AsyncClient, client: AsyncClient, owner: AsyncClient
) -> None:
    first = await suggest(client, slug, why="Many threads.")
    second = await suggest(client, slug, why="Many threads.")
    third = await suggest(client, slug, context="Everywhere.")
    await send(owner, f"{first}/accept", [])
    assert "Superseded" in (await get_page(client, second)).text
    assert "Revision 2 says all of it." in (await get_page(client, second)).text
    assert "Accepted by owner" in (await get_page(client, first)).text
    assert await revise(maintainer, slug, 2, context="Everywhere.") == 201
    assert "Superseded" in (await get_page(client, third)).text
    late = parsed(await send(owner, f"{second}/accept", []), status=409)
    assert "superseded" in late.text


async def test_a_suggestion_is_accepted_with_changes(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Manny threads.", summary="Count again")
    form_address = (await get_page(owner, address)).links["Accept with changes"]
    form = (await get_page(owner, form_address)).forms["entry-form"]
    assert dict(form.fields)["why"] == "Manny threads."
    bad = parsed(await send(owner, form.action, form.filled(title="short")), status=422)
    assert dict(bad.forms["entry-form"].fields)["why"] == "Manny threads."
    preview = await send(owner, form.action, form.filled(why="**Many**", action="preview"))
    assert "<strong>Many</strong>" in preview.text
    assert sent_to(await send(owner, form.action, form.filled(why="Many threads."))) == address
    assert (await content_of(client, slug))["why"] == "Many threads."
    history = await get_page(client, f"/entries/{slug}/revisions")
    assert "Count again" in history.text
    assert "edited by anonymous" in history.text


async def test_its_author_edits_a_suggestion(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    seen = (await get_page(owner, address)).forms[f"{address}/accept"]
    form = (await get_page(client, (await get_page(client, address)).links["Edit"])).forms[
        "entry-form"
    ]
    assert sent_to(await send(client, form.action, form.filled(why="Two threads."))) == address
    page = await get_page(client, address)
    assert "Two threads." in page.text
    assert "edited since" in page.text
    late = parsed(await send(owner, seen.action, seen.fields), status=409)
    assert "edited this suggestion" in late.text
    assert (await content_of(client, slug))["revision"] == 1
    now = (await get_page(owner, address)).forms[f"{address}/accept"]
    assert (await send(owner, now.action, now.fields)).status_code == 303
    assert (await content_of(client, slug))["why"] == "Two threads."
    assert (await send(client, form.action, form.filled(why="Three."))).status_code == 409


async def test_an_edit_in_one_window_does_not_overwrite_that_in_another(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    form = (await get_page(client, f"{address}/edit")).forms["entry-form"]
    windows = [form.filled(why="Typed in one."), form.filled(why="Typed in another.")]
    answers = [await send(client, form.action, fields) for fields in windows]
    assert sent_to(answers[0]) == address
    late = parsed(answers[1], status=409)
    assert "in another window" in late.text
    again = late.forms["entry-form"]
    assert dict(again.fields)["why"] == "Typed in another."
    assert "Typed in one." in (await get_page(owner, address)).text
    assert sent_to(await send(client, again.action, again.fields)) == address
    assert "Typed in another." in (await get_page(owner, address)).text


async def test_many_suggestions_wait_in_pages(
    slug: str, client: AsyncClient, owner: AsyncClient, app: FastAPI
) -> None:
    async with client_of(app) as other:
        first = await suggest(other, slug, why="The first.", summary="Number 0")
    for number in range(1, 21):
        await suggest(client, slug, why=f"Reason {number}", summary=f"Number {number}")
    page = await get_page(owner, "/review")
    assert "21 suggestions wait" in page.text
    assert "Number 20" in page.text
    assert first not in page.links.values()
    older = await get_page(owner, page.links["Older"])
    assert older.links[str(WHOLE["title"])] == first
    assert "Older" not in older.links
    assert older.links["Newest"] == "/review"
    assert (await owner.get("/review?cursor=x")).status_code == 422


async def test_its_author_brings_a_suggestion_together_with_what_touches_it(
    slug: str, maintainer: AsyncClient, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Suggested.")
    assert await revise(maintainer, slug, 1, why="Theirs.") == 201
    page = await get_page(client, f"{address}/edit")
    assert "Theirs." in page.text
    form = page.forms["entry-form"]
    assert sent_to(await send(client, form.action, form.filled(why="Both."))) == address
    assert "in conflict" not in (await get_page(client, address)).text
    assert (await send(owner, f"{address}/accept", [])).status_code == 303
    assert (await content_of(client, slug))["why"] == "Both."


async def test_its_author_withdraws_a_suggestion(
    slug: str, client: AsyncClient, owner: AsyncClient
) -> None:
    address = await suggest(client, slug, why="Many threads.")
    form = (await get_page(client, address)).forms[f"{address}/withdraw"]
    assert sent_to(await send(client, form.action, form.fields)) == address
    assert "Withdrawn by anonymous" in (await get_page(owner, address)).text
    assert "Nothing waits" in (await get_page(owner, "/review")).text
    assert (await send(owner, f"{address}/accept", [])).status_code == 409
    assert (await send(client, form.action, form.fields)).status_code == 409


async def test_the_author_of_a_suggested_entry_edits_it(
    client: AsyncClient, owner: AsyncClient
) -> None:
    address = sent_to(await send(client, "/entries", await draft(client)))
    form = (await get_page(client, f"{address}/edit")).forms["entry-form"]
    fields = form.filled(title="A better title for the entry")
    assert sent_to(await send(client, form.action, fields)) == address
    changes = (await get_page(owner, f"{address}/accept")).forms["entry-form"]
    assert dict(changes.fields)["title"] == "A better title for the entry"
    fields = changes.filled(title="The best title for the entry")
    assert sent_to(await send(owner, changes.action, fields)) == address
    decided = await get_page(client, address)
    assert decided.links["See the entry"] == "/entries/the-best-title-for-the-entry"
    assert "Accepted with changes" in decided.text


async def test_what_hides_in_a_change_is_shown_to_who_reviews_it(
    owner: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(owner))["slug"]
    change = {"base": 1, "why": "if user\u202e != admin\u2066:"}
    made = await client.post(f"/api/v1/entries/{slug}/revisions", json=change)

    page = (await owner.get(f"/review/{made.json()['id']}")).text
    assert 'title="right-to-left override">U+202E</span>' in page
    assert not set(page) & {"\u202e", "\u2066"}


async def test_a_suggested_entry_is_not_said_to_be_created(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    await client.post("/api/v1/entries", json=make_values())
    assert "<h1>New entry</h1>" in (await client.get("/review/1")).text
    assert "Created" not in (await maintainer.get("/review")).text
