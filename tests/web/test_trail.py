"""From an entry found by a search to the one before, the next, and back."""

import pytest
from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry
from tests.web.pages import Page, get_page


def found_at(page: Page) -> dict[str, str]:
    """Return where the links of a page's results lead, by title."""
    return {title: url for title, url in page.links.items() if title in page.headings}


async def make_entries(maintainer: AsyncClient, number: int) -> None:
    for each in range(number):
        await create_entry(maintainer, title=f"Sleeping endpoint {each:02}", tags=["a"])


@pytest.mark.parametrize("search", ["/?tag=a", "/?q=sleeping", "/?q=sleeping&sort=newest"])
async def test_results_lead_from_one_to_the_next_and_back(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, search: str
) -> None:
    await make_entries(maintainer, 3)
    await runtime.indexer.drain()
    found = found_at(await get_page(client, search))
    titles = list(found)
    middle = await get_page(client, found[titles[1]])
    assert middle.links["Results"] == search
    assert "This is 2 of 3" in middle.text
    assert middle.links[f"Previous: {titles[0]}"] == found[titles[0]]
    assert middle.links[f"Next: {titles[2]}"] == found[titles[2]]
    first = await get_page(client, found[titles[0]])
    assert not any(text.startswith("Previous") for text in first.links)
    last = await get_page(client, found[titles[2]])
    assert not any(text.startswith("Next") for text in last.links)


@pytest.mark.parametrize("search", ["tag=a", "q=sleeping"])
async def test_the_way_crosses_from_page_to_page(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, search: str
) -> None:
    await make_entries(maintainer, 21)
    await runtime.indexer.drain()
    last_of_first = list(found_at(await get_page(client, f"/?{search}")).values())[-1]
    ((_, beyond),) = found_at(await get_page(client, f"/?{search}&page=2")).items()
    assert beyond.endswith(f"?{search}&page=2")
    assert beyond in (await get_page(client, last_of_first)).addresses
    back = await get_page(client, beyond)
    assert last_of_first in back.addresses
    assert back.links["Results"] == f"/?{search}&page=2"


async def test_what_was_found_while_typing_has_its_place(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, title="A zygomorphic endpoint"))["slug"]
    await create_entry(maintainer, title="A thing called zygo alone")
    await runtime.indexer.drain()
    page = await get_page(client, f"/entries/{slug}?q=zygo")
    assert "This is 1 of 2" in page.text
    assert "Next: A thing called zygo alone" in page.links


async def test_an_entry_that_a_search_no_longer_finds_leads_back_only(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    page = await get_page(client, f"/entries/{slug}?tag=other&page=7")
    assert page.links["Results"] == "/?tag=other&page=7"
    assert "This is" not in page.text


@pytest.mark.parametrize("query", ["", "?utm_source=x", "?page=none", "?unknown=1", "?q="])
async def test_whatever_else_an_address_has_the_entry_is_there_without_a_way(
    maintainer: AsyncClient, client: AsyncClient, query: str
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    assert "Results" not in (await get_page(client, f"/entries/{slug}{query}")).links


async def test_a_long_search_does_not_go_along(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, title="Sleeping endpoints stall"))["slug"]
    await runtime.indexer.drain()
    page = await get_page(client, f"/?q=sleeping+endpoints+{'stall+' * 100}")
    assert page.links["Sleeping endpoints stall"] == f"/entries/{slug}"
