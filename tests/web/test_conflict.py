"""Two changes that touch: base, theirs and yours on one page, chosen between or edited."""

from collections.abc import Mapping

import pytest
from httpx2 import AsyncClient

from tests.factories import create_entry, revise
from tests.web.pages import Form, Page, get_page, parsed, send, sent_to
from tests.web.test_entry_page import WHOLE
from tests.web.test_revise import content_of, form_of


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """The slug of an entry."""
    return str((await create_entry(maintainer, **WHOLE))["slug"])


async def conflict(
    maintainer: AsyncClient,
    owner: AsyncClient,
    slug: str,
    theirs: Mapping[str, object],
    **mine: str,
) -> Page:
    """Return the page that an owner gets who saves after somebody else has."""
    form = await form_of(owner, slug)
    assert await revise(maintainer, slug, 1, **theirs) == 201
    return parsed(await send(owner, form.action, form.filled(**mine)), status=409)


def form_on(page: Page) -> Form:
    return page.forms["entry-form"]


async def test_a_form_on_a_stale_base_is_merged_where_nothing_touches(
    maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    form = await form_of(owner, slug)
    assert await revise(maintainer, slug, 1, tags=["asyncio", "c#", "theirs"]) == 201
    page = sent_to(await send(owner, form.action, form.filled(tags="mine, asyncio, c#", why="New")))
    assert page == f"/entries/{slug}/revisions/3"
    merged = await get_page(owner, page)
    assert "Merged. The change started from revision 1" in " ".join(merged.text.split())
    assert merged.links["What others had changed"] == f"/entries/{slug}/compare/1...2"
    said = await content_of(owner, slug)
    assert (said["tags"], said["why"]) == (["asyncio", "c#", "mine", "theirs"], "New")


async def test_the_three_texts_stand_beside_each_field_that_touches(
    maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    theirs = {"why": "Theirs <b>.", "severity": "tip", "context": "New context."}
    page = await conflict(maintainer, owner, slug, theirs, why="Mine <i>.", severity="minor")
    assert page.headings[0] == "Somebody else has changed this entry"
    for name, text in (("base", "One thread runs the loop."), ("theirs", "Theirs <b>.")):
        assert page.by_id(f"why-{name}")
        assert text in page.text
    assert page.by_id("severity-yours")
    assert not any(tag.get("id") == "context-theirs" for _, tag in page.tags)
    assert {"#three-why", "#three-severity"} <= page.addresses
    sent = dict(form_on(page).fields)
    assert (sent["why"], sent["severity"], sent["context"]) == (
        "Mine <i>.",
        "minor",
        "New context.",
    )
    assert (sent["base"], sent["since"], sent["take-why"]) == ("2", "1", "mine")
    assert (await content_of(owner, slug))["revision"] == 2


@pytest.mark.parametrize(
    ("take", "why"),
    [("mine", "Edited."), ("theirs", "Theirs."), ("base", "One thread runs the loop.")],
)
async def test_each_field_is_resolved_by_choosing_or_by_editing(
    maintainer: AsyncClient, owner: AsyncClient, slug: str, take: str, why: str
) -> None:
    theirs = {"why": "Theirs.", "gotchas": ["Theirs alone."]}
    page = await conflict(
        maintainer,
        owner,
        slug,
        theirs,
        why="Mine.",
        gotchas="Mine.",
        title="The title I would have",
    )
    fields = form_on(page).filled(**{"take-why": take, "why": "Edited.", "take-gotchas": "theirs"})
    assert sent_to(await send(owner, form_on(page).action, fields)) == f"/entries/{slug}"
    said = await content_of(owner, slug)
    assert (said["why"], said["gotchas"]) == (why, ["Theirs alone."])
    assert said["title"] == "The title I would have"


async def test_a_mistake_or_a_preview_keeps_the_conflict_and_the_choices(
    maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    page = await conflict(maintainer, owner, slug, {"why": "Theirs."}, why="Mine.")
    again = {"title": "short", "take-why": "theirs", "why": "Kept."}
    page = parsed(await send(owner, form_on(page).action, form_on(page).filled(**again)), 422)
    sent = dict(form_on(page).fields)
    assert (sent["take-why"], sent["why"], sent["since"]) == ("theirs", "Kept.", "1")
    assert page.by_id("why-base")
    better = {"title": "A title that is long enough", "action": "preview"}
    answer = await send(owner, form_on(page).action, form_on(page).filled(**better))
    page = parsed(answer)
    assert dict(form_on(page).fields)["take-why"] == "theirs"
    assert page.text.count("Theirs.") == 2  # in the preview, which shows what was chosen, too
    more = await send(owner, form_on(page).action, form_on(page).filled(action="add-gotchas"))
    assert dict(form_on(parsed(more)).fields)["take-why"] == "theirs"


async def test_signing_out_or_a_busy_server_keeps_the_choices(
    maintainer: AsyncClient, owner: AsyncClient, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await conflict(maintainer, owner, slug, {"why": "Theirs."}, why="Mine.")
    fields = form_on(page).filled(**{"take-why": "theirs"})
    assert await revise(maintainer, slug, 2, context="More.") == 201
    with monkeypatch.context() as busy:
        busy.setattr("kb.executor.MAX_WAITING", 0)
        page = parsed(await send(owner, form_on(page).action, fields), 503)
        assert dict(form_on(page).fields)["take-why"] == "theirs"
        assert "Mine." in page.text
    owner.cookies.clear()
    page = parsed(await send(owner, form_on(page).action, fields), 401)
    assert dict(form_on(page).fields)["take-why"] == "theirs"


async def test_a_conflict_can_come_after_a_conflict(
    maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    page = await conflict(maintainer, owner, slug, {"why": "Theirs."}, why="Mine.")
    assert await revise(maintainer, slug, 2, why="Theirs again.") == 201
    fields = form_on(page).filled(why="Both.")
    page = parsed(await send(owner, form_on(page).action, fields), status=409)
    assert "Theirs again." in page.text
    sent = dict(form_on(page).fields)
    assert (sent["since"], sent["base"], sent["why"]) == ("2", "3", "Both.")
    assert sent_to(await send(owner, form_on(page).action, form_on(page).fields))
    assert (await content_of(owner, slug))["why"] == "Both."


async def test_what_is_beside_the_conflict_in_its_field_is_merged_in_the_box(
    maintainer: AsyncClient, owner: AsyncClient
) -> None:
    why = "One.\n\nTwo.\n\nThree."
    slug = str((await create_entry(maintainer, **WHOLE | {"why": why}))["slug"])
    theirs = {"why": "1.\n\nTheirs.\n\nThree."}
    page = await conflict(maintainer, owner, slug, theirs, why="One.\n\nMine.\n\n3.")
    assert dict(form_on(page).fields)["why"] == "1.\n\nMine.\n\n3."


async def test_a_choice_that_is_none_is_refused(
    maintainer: AsyncClient, owner: AsyncClient, slug: str
) -> None:
    page = await conflict(maintainer, owner, slug, {"why": "Theirs."}, why="Mine.")
    for wrong, status in (
        ({"take-why": "yours"}, 400),
        ({"since": ""}, 400),
        ({"since": "99", "take-why": "base"}, 422),
        ({"take-colour": "mine"}, 400),
    ):
        answer = await send(owner, form_on(page).action, form_on(page).filled(**wrong))
        assert answer.status_code == status, wrong
    assert (await content_of(owner, slug))["revision"] == 2
