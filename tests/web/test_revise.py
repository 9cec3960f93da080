"""Revising an entry by form."""

import pytest
from httpx2 import AsyncClient

from tests.factories import create_entry, revise
from tests.web.pages import Form, get_page, parsed, send, sent_to
from tests.web.test_entry_page import WHOLE


async def form_of(client: AsyncClient, slug: str) -> Form:
    """Return the revise form of an entry."""
    return (await get_page(client, f"/entries/{slug}/revise")).forms["entry-form"]


async def content_of(client: AsyncClient, slug: str) -> dict[str, object]:
    """Return what the entry says, through the API."""
    entry: dict[str, object] = (await client.get(f"/api/v1/entries/{slug}")).json()
    return {name: entry[name] for name in WHOLE} | {"revision": entry["revision"]}


async def test_the_form_holds_every_field_and_sends_it_back_unchanged(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(owner, slug)
    assert dict(form.fields)["base"] == "1"
    page = parsed(await send(owner, form.action, form.filled()), status=422)
    assert "changes nothing" in page.text
    fields = form.filled(title="A title that is another one", summary="Say it better")
    assert sent_to(await send(owner, form.action, fields)) == f"/entries/{slug}"
    expected = WHOLE | {"title": "A title that is another one", "revision": 2}
    assert await content_of(owner, slug) == expected
    history = await get_page(owner, f"/entries/{slug}/revisions")
    assert "Say it better" in history.text


async def test_a_visitors_revision_waits_as_a_suggestion(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(client, slug)
    answer = await send(client, form.action, form.filled(why="Because."))
    page = await get_page(client, sent_to(answer))
    assert "waits for a review" in page.text
    assert (await content_of(client, slug))["revision"] == 1
    assert "1 suggested change" in (await get_page(client, f"/entries/{slug}")).text


async def test_a_stale_base_shows_both_versions_and_saves_nothing(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(owner, slug)
    theirs = {"why": "Theirs <entirely>.", "gotchas": ["Their gotcha."], "tags": ["theirs"]}
    assert await revise(maintainer, slug, 1, **theirs) == 201
    mine = form.filled(why="Mine <entirely>.", title="The title as I would have it", summary="Mine")
    page = parsed(await send(owner, form.action, mine), status=409)
    assert "Theirs <entirely>." in page.text
    assert "Their gotcha." in page.text
    again = page.forms["entry-form"]
    sent = dict(again.fields)
    assert sent["why"] == "Mine <entirely>."
    assert sent["title"] == "The title as I would have it"
    assert (sent["base"], sent["summary"]) == ("2", "Mine")
    assert page.by_id("why-theirs")
    assert not any(tag.get("id") == "problem-theirs" for _, tag in page.tags)
    assert (await content_of(owner, slug))["why"] == "Theirs <entirely>."
    assert sent_to(await send(owner, again.action, again.filled())) == f"/entries/{slug}"
    assert (await content_of(owner, slug))["why"] == "Mine <entirely>."


async def test_a_visitor_with_a_stale_base_sees_both_versions_too(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(client, slug)
    assert await revise(maintainer, slug, 1, why="Theirs.") == 201
    page = parsed(await send(client, form.action, form.filled(why="Mine.")), status=409)
    assert dict(page.forms["entry-form"].fields)["why"] == "Mine."
    assert "Theirs." in page.text


async def test_errors_keep_the_base_and_the_text(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    form = await form_of(owner, slug)
    page = parsed(await send(owner, form.action, form.filled(problem=" ", why="Kept")), status=422)
    sent = dict(page.forms["entry-form"].fields)
    assert (sent["base"], sent["why"]) == ("1", "Kept")
    assert page.links["Problem must not be empty."] == "#problem"


async def test_a_preview_of_a_revision_stores_nothing(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    form = await form_of(owner, slug)
    answer = await send(owner, form.action, form.filled(why="**So.**", action="preview"))
    assert "<strong>So.</strong>" in answer.text
    assert dict(parsed(answer).forms["entry-form"].fields)["base"] == "1"
    answer = await send(owner, form.action, form.filled(why="So.", action="add-gotchas"))
    assert dict(parsed(answer).forms["entry-form"].fields)["why"] == "So."
    assert (await content_of(owner, slug))["revision"] == 1


async def test_a_form_without_a_usable_base_is_refused(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    form = await form_of(owner, slug)
    for base, status in (("", 428), ("x", 400), ("1" * 30, 400), ("9", 422), ("0", 422)):
        answer = await send(owner, form.action, form.filled(base=base, why="New"))
        assert answer.status_code == status, base
    assert (await content_of(owner, slug))["revision"] == 1


async def test_a_revision_of_no_entry_is_not_found(owner: AsyncClient) -> None:
    fields = [("base", "1"), ("title", "A title that is long enough")]
    assert (await send(owner, "/entries/none/revisions", fields)).status_code == 404


async def test_what_was_promised_to_be_saved_is_not_made_a_suggestion(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    revised = await form_of(owner, slug)
    new = (await get_page(owner, "/entries/new")).forms["entry-form"]
    session = owner.cookies["kb_session"]
    owner.cookies.clear()
    for form, changes in (
        (revised, {"why": "Typed while signed in."}),
        (new, {"title": "Typed while signed in", "tags": "a", "problem": "P."}),
    ):
        page = parsed(await send(owner, form.action, form.filled(**changes)), status=401)
        assert "You are no longer signed in" in page.text
        kept = page.forms["entry-form"]
        assert changes.items() <= dict(kept.fields).items()
        again = await send(owner, kept.action, kept.filled())
        assert "You are no longer signed in" in parsed(again, status=401).text
        assert "Nothing waits" in (await get_page(owner, "/review")).text
    suggested = await send(owner, revised.action, revised.filled(why="Mine.", action="suggest"))
    assert sent_to(suggested).startswith("/review/")
    owner.cookies.set("kb_session", session)
    saved = await send(owner, kept.action, kept.filled())
    assert sent_to(saved) == "/entries/typed-while-signed-in"


async def test_the_text_for_an_entry_archived_meanwhile_is_kept(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(owner, slug)
    await send(owner, f"/entries/{slug}/archive", [("reason", "Fixed upstream.")])
    typed = form.filled(why="An afternoon of typing.", summary="Mine")
    page = parsed(await send(owner, form.action, typed), status=409)
    assert "owner has archived this entry: “Fixed upstream.”" in page.text
    assert "nothing that you typed is lost" in page.text
    kept = page.forms["entry-form"]
    sent = dict(kept.fields)
    assert (sent["why"], sent["summary"]) == ("An afternoon of typing.", "Mine")
    await send(owner, f"/entries/{slug}/unarchive", [])
    assert sent_to(await send(owner, kept.action, kept.filled())) == f"/entries/{slug}"
    assert (await content_of(owner, slug))["why"] == "An afternoon of typing."


async def test_the_text_for_a_suggestion_decided_meanwhile_is_kept(
    maintainer: AsyncClient, owner: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    assert await revise(client, slug, 1, why="Suggested.") == 202
    form = (await get_page(client, "/review/1/edit")).forms["entry-form"]
    await send(owner, "/review/1/reject", [("reason", "Known already")])
    typed = form.filled(why="An afternoon of typing.")
    page = parsed(await send(client, form.action, typed), status=409)
    assert "owner has rejected this suggestion already" in page.text
    assert dict(page.forms["entry-form"].fields)["why"] == "An afternoon of typing."


@pytest.mark.parametrize("action", ["save", "preview"])
async def test_a_server_with_too_much_to_do_gives_the_text_back(
    maintainer: AsyncClient, owner: AsyncClient, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    revised = await form_of(owner, slug)
    new = (await get_page(owner, "/entries/new")).forms["entry-form"]
    assert await revise(maintainer, slug, 1, context="Theirs.") == 201
    monkeypatch.setattr("kb.executor.MAX_WAITING", 0)
    for form, changes in (
        (revised, {"why": "An afternoon of typing."}),
        (new, {"title": "An afternoon of typing", "tags": "a", "problem": "P."}),
    ):
        answer = await send(owner, form.action, form.filled(**changes, action=action))
        page = parsed(answer, status=503)
        assert "too much to do" in page.text
        assert changes.items() <= dict(page.forms["entry-form"].fields).items()
    part = await owner.post(
        revised.action,
        data=dict(revised.filled(why="Mine.", action=action)),
        headers={"hx-request-type": "partial"},
    )
    assert "too much to do" in parsed(part, status=503).text


async def test_the_page_that_follows_says_what_was_done(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    form = await form_of(owner, slug)
    entry = sent_to(await send(owner, form.action, form.filled(why="Because.")))
    assert "Saved as revision 2." in (await get_page(owner, entry)).text
    assert "Saved as revision 2." not in (await get_page(owner, entry)).text
    restore = f"/entries/{slug}/revisions/1/restore"
    entry = sent_to(await send(owner, restore, [("base", "2")]))
    assert "revision 3 says again what the older one said" in (await get_page(owner, entry)).text
