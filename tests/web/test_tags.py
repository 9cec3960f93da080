"""The page of all tags, and what happens to the entries of one."""

from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.activity import repository
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from kb.web import tags as page_of_tags
from tests.factories import create_entry, revise
from tests.web.pages import Page, get_page
from tests.web.test_accounts import visitor_where
from tests.web.test_activity import ATOM, feed_of, titles


def listed(page: Page) -> list[str]:
    return [a["href"] for tag, a in page.tags if tag == "a" and a.get("rel") == "tag"]


async def test_each_tag_leads_to_its_entries_and_its_feed(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["c++", "asyncio"])
    slug = (await create_entry(maintainer, title="Another of them", tags=["c++"]))["slug"]
    page = await get_page(client, "/tags")
    assert page.headings[0] == "2 tags"
    assert listed(page) == ["/?tag=c%2B%2B", "/?tag=asyncio"]
    assert "2 entries" in page.text
    entries = await get_page(client, page.links["c++"])
    assert urlsplit(entries.links["Another of them"]).path == f"/entries/{slug}"
    feeds = [a["href"] for t, a in page.tags if t == "a" and "atom" in a.get("type", "")]
    assert feeds == ["/feed.atom?tag=c%2B%2B", "/feed.atom?tag=asyncio"]
    assert titles(await feed_of(client, feeds[1])) == ["Sleeping in an endpoint stalls the others"]
    linked = [a["href"] for tag, a in entries.tags if a.get("type") == "application/atom+xml"]
    assert feeds[0] in linked


async def test_tags_are_filtered_and_sorted_by_a_form(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["docker", "doctest", "asyncio"])
    await create_entry(maintainer, tags=["doctest"])
    page = await get_page(client, "/tags")
    assert ("q", "") in page.forms["/tags"].fields
    found = await get_page(client, "/tags?q=DOC")
    assert listed(found) == ["/?tag=doctest", "/?tag=docker"]
    assert found.forms["/tags"].fields == [("q", "DOC")]
    by_name = await get_page(client, found.links["name"])
    assert listed(by_name) == ["/?tag=docker", "/?tag=doctest"]
    assert by_name.forms["/tags"].fields == [("q", "DOC"), ("sort", "name")]
    assert "No tag holds that" in (await get_page(client, "/tags?q=zz")).text
    assert "No tag yet" not in found.text


async def test_many_tags_come_in_pages(
    maintainer: AsyncClient, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_tags, "PAGE_SIZE", 2)
    await create_entry(maintainer, tags=["a", "b", "c"])
    first = await get_page(client, "/tags?sort=name")
    assert listed(first) == ["/?tag=a", "/?tag=b"]
    assert first.headings[0] == "3 tags"
    assert listed(await get_page(client, "/tags?sort=name&page=2")) == ["/?tag=c"]
    beyond = await get_page(client, "/tags?sort=name&page=9", status=404)
    assert beyond.links["Page 2"] == "/tags?sort=name&page=2"
    for bad in ("page=0", "sort=colour", "colour=red"):
        await get_page(client, f"/tags?{bad}", status=422)


@pytest.mark.parametrize("common", [1, 2000])
async def test_a_tag_has_a_feed_of_its_own_whether_it_is_rare_or_common(
    maintainer: AsyncClient, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(repository, "COMMON", common)
    slug = (await create_entry(maintainer, tags=["a+b"]))["slug"]
    await create_entry(maintainer, title="One of another tag", tags=["b"])
    await revise(maintainer, slug, 1, why="More.")
    feed = await feed_of(client, "/feed.atom?tag=a%2Bb")
    name = "Sleeping in an endpoint stalls the others"
    assert titles(feed) == [f"{name} (revision 2)", name]
    assert feed.findtext(f"{ATOM}title") == "kb: #a+b"
    assert feed.findtext(f"{ATOM}id") == "http://kb.test/feed.atom?tag=a%2Bb"
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://kb.test/feed.atom?tag=a%2Bb",
        "alternate": "http://kb.test/?tag=a%2Bb",
    }
    both = "/feed.atom?author=script&tag=b"
    assert titles(await feed_of(client, both)) == ["One of another tag"]
    assert titles(await feed_of(client, "/feed.atom?author=nobody&tag=b")) == []
    assert (await client.get("/feed.atom?tag=two+words")).status_code == 422


async def test_where_nobody_reads_without_signing_in_tags_are_not_told(
    app: FastAPI, runtime: Runtime
) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        for address in ("/tags", "/api/v1/tags", "/feed.atom?tag=a"):
            assert (await visitor.get(address)).status_code == 401
