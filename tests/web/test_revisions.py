"""History, one revision, what differs between two, and restoring."""

import pytest
from httpx2 import AsyncClient

from tests.factories import create_entry, revise
from tests.web.pages import get_page, parsed, send, sent_to


@pytest.fixture
async def slug(maintainer: AsyncClient) -> str:
    """The slug of an entry with three revisions."""
    made = str((await create_entry(maintainer, why="One thread runs the loop."))["slug"])
    changes = {"why": "One thread runs every loop.", "summary": "Every loop"}
    assert await revise(maintainer, made, 1, **changes) == 201
    assert await revise(maintainer, made, 2, tags=["asyncio", "new"], solution="Sleep well.") == 201
    return made


async def test_the_history_lists_every_revision(slug: str, client: AsyncClient) -> None:
    page = await get_page(client, f"/entries/{slug}/revisions")
    assert page.headings == ["History", "Revision 3 current", "Revision 2", "Revision 1"]
    assert "Every loop" in page.text
    assert "edited by script" in page.text
    assert "created by script" in page.text
    at = f"/entries/{slug}/compare"
    assert {f"{at}/1...2", f"{at}/2...3", f"{at}/1...3"} <= page.addresses
    assert "Restore" not in page.text
    form = page.forms[at]
    assert (form.method, form.fields) == ("get", [("a", "2"), ("b", "3")])


async def test_two_revisions_are_chosen_by_a_form(slug: str, client: AsyncClient) -> None:
    answer = await client.get(f"/entries/{slug}/compare", params={"a": 1, "b": 3})
    assert sent_to(answer) == f"/entries/{slug}/compare/1...3"


async def test_a_comparison_marks_words_field_by_field(slug: str, client: AsyncClient) -> None:
    answer = await client.get(f"/entries/{slug}/compare/1...3")
    page = parsed(answer)
    assert page.headings == ["Revision 1 compared with 3", "Tags", "Solution", "Why"]
    assert "<del>the</del>" in answer.text
    assert "<ins>every</ins>" in answer.text
    assert "<ins>new</ins>" in answer.text
    same = await get_page(client, f"/entries/{slug}/compare/2...2")
    assert "Nothing differs" in same.text


async def test_an_old_revision_is_shown_as_it_was(slug: str, client: AsyncClient) -> None:
    page = await get_page(client, f"/entries/{slug}/revisions/1")
    assert "One thread runs the loop." in page.text
    assert "Solution wanted" in page.text
    assert "Revision 1 of 3" in page.text


async def test_a_restore_is_a_new_revision(
    slug: str, owner: AsyncClient, client: AsyncClient
) -> None:
    history = await get_page(owner, f"/entries/{slug}/revisions")
    form = history.forms[f"/entries/{slug}/revisions/1/restore"]
    assert sent_to(await send(owner, form.action, form.fields)) == f"/entries/{slug}"
    page = await get_page(client, f"/entries/{slug}")
    assert "One thread runs the loop." in page.text
    assert "Revisions (4)" in page.headings
    assert "Restored revision 1" in page.text
    again = (await get_page(owner, f"/entries/{slug}/revisions")).forms[form.action]
    assert (await send(owner, again.action, again.fields)).status_code == 422


async def test_a_restore_from_an_old_page_overrides_nothing_unseen(
    slug: str, owner: AsyncClient, maintainer: AsyncClient, client: AsyncClient
) -> None:
    history = await get_page(owner, f"/entries/{slug}/revisions")
    form = history.forms[f"/entries/{slug}/revisions/1/restore"]
    assert await revise(maintainer, slug, 3, why="Newer than the page.") == 201
    page = parsed(await send(owner, form.action, form.fields), status=409)
    assert "moved on from revision 3 to revision 4" in page.text
    assert "Newer than the page." in (await get_page(client, f"/entries/{slug}")).text
    assert (await send(owner, form.action, [])).status_code == 428


async def test_a_visitor_may_not_restore(slug: str, client: AsyncClient) -> None:
    answer = await send(client, f"/entries/{slug}/revisions/1/restore", [])
    page = parsed(answer, status=401)
    assert page.links["How to sign in"] == "/sign-in"
    assert "Revisions (3)" in (await get_page(client, f"/entries/{slug}")).headings


async def test_a_long_history_has_pages(client: AsyncClient, maintainer: AsyncClient) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for number in range(1, 42):
        assert await revise(maintainer, slug, number, why=f"Reason {number}") == 201
    address = f"/entries/{slug}/revisions"
    first = await get_page(client, address)
    assert first.headings[1:3] == ["Revision 42 current", "Revision 41"]
    assert len(first.headings) == 21
    assert first.links["Older"] == f"{address}?page=2"
    last = await get_page(client, f"{address}?page=3")
    assert last.headings[1:] == ["Revision 2", "Revision 1"]
    assert last.links["Newer"] == f"{address}?page=2"
    beyond = await get_page(client, f"{address}?page=4", status=404)
    assert beyond.links["Page 3"] == f"{address}?page=3"
    assert (await client.get(f"{address}?page=0")).status_code == 422


async def test_old_and_new_stand_in_one_row(slug: str, client: AsyncClient) -> None:
    page = await get_page(client, f"/entries/{slug}/compare/1...2")
    kinds = [tag.get("class", "") for _, tag in page.tags]
    at = kinds.index("line delete")
    assert kinds[at - 1] == "row"
    assert [kind for kind in kinds[at:] if kind.startswith(("row", "line"))][:2] == [
        "line delete",
        "line insert",
    ]
