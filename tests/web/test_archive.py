"""Archiving an entry on its page."""

import pytest
from httpx2 import AsyncClient

from kb.entries.files import parse_entry_file
from tests.factories import create_entry
from tests.web.pages import get_page, parsed, send, sent_to

REASON = "Fixed in <0.170>."


@pytest.fixture
async def address(maintainer: AsyncClient) -> str:
    """The address of an entry's page."""
    return f"/entries/{(await create_entry(maintainer))['slug']}"


async def test_an_owner_archives_an_entry_and_restores_it(
    address: str, owner: AsyncClient, client: AsyncClient
) -> None:
    form = (await get_page(owner, address)).forms[f"{address}/archive"]
    assert sent_to(await send(owner, form.action, form.filled(reason=REASON))) == address
    page = await get_page(client, address)
    assert "Archived by owner" in page.text
    assert f"“{REASON}”" in page.text
    assert "Problem" in page.headings
    assert f"{address}/revise" not in page.addresses
    assert REASON in (await get_page(client, f"{address}/revise", status=409)).text
    assert not {f"{address}/{act}" for act in ("archive", "unarchive")} & set(page.forms)
    assert "votes" not in page.forms
    assert address not in (await get_page(client, "/")).addresses
    history = await get_page(client, f"{address}/revisions")
    assert "History" in history.headings

    page = await get_page(owner, address)
    assert f"{address}/archive" not in page.forms
    assert sent_to(await send(owner, f"{address}/unarchive", [])) == address
    assert "Archived by" not in (await get_page(client, address)).text
    assert address in (await get_page(client, "/")).addresses


async def test_the_file_of_an_archived_entry_says_so_and_can_still_be_imported(
    address: str, owner: AsyncClient, client: AsyncClient
) -> None:
    before = await client.get(f"{address}.md")
    await send(owner, f"{address}/archive", [("reason", f"+++ \u2028 {REASON}")])
    archived = await client.get(f"{address}.md")
    assert archived.status_code == 200
    mark = parse_entry_file(archived.text, slug=None).archived
    assert mark
    assert (mark.reason, mark.archived_by) == (f"+++ {REASON}", "owner")
    (line,) = (line for line in archived.text.split("\n") if line.startswith("archived = "))
    assert archived.text.replace(f"{line}\n", "") == before.text
    await send(owner, f"{address}/unarchive", [])
    assert (await client.get(f"{address}.md")).text == before.text


async def test_a_reason_is_asked_for(address: str, owner: AsyncClient) -> None:
    for reason in ("", "x" * 301):
        answer = await send(owner, f"{address}/archive", [("reason", reason)])
        assert "reason" in parsed(answer, 422).text
    assert "Archived by" not in (await get_page(owner, address)).text


async def test_a_visitor_cannot_archive(address: str, client: AsyncClient) -> None:
    assert f"{address}/archive" not in (await get_page(client, address)).forms
    refused = await send(client, f"{address}/archive", [("reason", "Because.")])
    assert "sign in to archive entries" in parsed(refused, 401).text


async def test_archiving_twice_says_who_was_first(address: str, owner: AsyncClient) -> None:
    for status in (303, 409):
        answer = await send(owner, f"{address}/archive", [("reason", REASON)])
        assert answer.status_code == status
    assert "owner has archived this entry" in parsed(answer, 409).text
