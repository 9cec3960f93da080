"""What programs look for at a site, and what the head of a page tells them."""

import json
import re
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from kb.web import sitemap
from tests.factories import create_entry, revise
from tests.web.pages import Page, get_page
from tests.web.test_accounts import visitor_where

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def meta(page: Page) -> dict[str, str]:
    """Return what the page's <meta>s say, by name or property, each only once."""
    said = [(a.get("name") or a.get("property", ""), a["content"]) for a in metas(page)]
    assert len(dict(said)) == len(said)
    return dict(said)


def metas(page: Page) -> list[dict[str, str]]:
    return [a for tag, a in page.tags if tag == "meta" and "content" in a]


def canonical(page: Page) -> list[str]:
    return [a["href"] for tag, a in page.tags if tag == "link" and a["rel"] == "canonical"]


async def locations(client: AsyncClient, address: str) -> list[str]:
    """Return the addresses of a sitemap, checked against the protocol's rules."""
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    of = {"urlset": "url", "sitemapindex": "sitemap"}[root.tag.removeprefix(SITEMAP)]
    assert [child.tag for child in root] == [SITEMAP + of] * len(root)
    for child in root:
        assert [part.tag for part in child] in (
            [f"{SITEMAP}loc"],
            [f"{SITEMAP}loc", f"{SITEMAP}lastmod"],
        )
        changed = child.findtext(f"{SITEMAP}lastmod")
        assert changed is None or datetime.fromisoformat(changed).tzinfo
    return [child.findtext(f"{SITEMAP}loc", "") for child in root]


async def test_an_entry_tells_what_it_is_and_where_it_stands(
    maintainer: AsyncClient, runtime: Runtime, client: AsyncClient
) -> None:
    problem = 'A `<script>` with "quotes" & **marks**.\n\n' + "More. " * 100
    slug = (await create_entry(maintainer, title='One with "quotes"', problem=problem))["slug"]
    page = await get_page(client, f"/entries/{slug}?utm_source=chat")
    said = meta(page)
    assert canonical(page) == [f"http://kb.test/entries/{slug}"] == [said["og:url"]]
    assert said["robots"] == "all"
    assert said["description"].startswith('A <script> with "quotes" & marks. More.')
    assert len(said["description"]) < 165
    assert said["og:description"] == said["description"]
    assert (said["og:title"], said["og:type"]) == ('One with "quotes"', "article")
    picture = await client.get(said["og:image"])
    assert picture.content.startswith(b"\x89PNG")
    runtime.settings.public_url = "https://kb.example"
    again = await get_page(client, f"/entries/{slug}")
    assert canonical(again) == [f"https://kb.example/entries/{slug}"]
    assert meta(again)["og:image"].startswith("https://kb.example/static/card.png?v=")


async def test_a_list_in_another_order_is_the_same_list(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["c++", "a"])
    for address, same in {
        "/?sort=votes&utm_source=x": "/",
        "/?tag=c%2B%2B&sort=views": "/?tag=c%2B%2B",
        "/tags?sort=name": "/tags",
    }.items():
        page = await get_page(client, address)
        assert canonical(page) == [f"http://kb.test{same}"]
    assert "c++" in meta(await get_page(client, "/?tag=c%2B%2B"))["description"]


async def test_what_is_no_page_of_its_own_is_kept_out_of_indexes(
    owner: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(owner))["slug"]
    assert await revise(owner, slug, 1, why="More.") == 201
    assert await revise(client, slug, 2, why="Less.") == 202
    entry = f"/entries/{slug}"
    for address in (
        *("/?q=zzyzx", "/tags?q=a", "/activity?author=owner", "/sign-in", "/entries/new"),
        *(f"{entry}/revisions", f"{entry}/revisions/1"),
        *(f"{entry}/compare/1...2", "/review", "/review/1"),
    ):
        page = await get_page(owner, address)
        assert meta(page)["robots"] == "noindex", address
        assert canonical(page) == []
    lost = await get_page(client, "/nowhere", status=404)
    assert (meta(lost)["robots"], canonical(lost)) == ("noindex", [])


async def test_a_search_and_a_form_say_what_they_stand_for(
    owner: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(owner, tags=["aardvark"]))["slug"]
    await runtime.indexer.drain()
    for address, stands_for in {
        "/?q=aardvark&sort=newest": "/?q=aardvark",
        f"/entries/{slug}/revise": f"/entries/{slug}",
    }.items():
        page = await get_page(client, address)
        assert meta(page)["robots"] == "all"
        assert canonical(page) == [f"http://kb.test{stands_for}"]
    entry = await get_page(client, f"/entries/{slug}")
    forms = [a for tag, a in entry.tags if tag == "a" and a["href"].endswith("/revise")]
    assert {a["rel"] for a in forms} == {"nofollow"}


async def test_browsers_learn_how_to_search_here(
    maintainer: AsyncClient, runtime: Runtime, client: AsyncClient
) -> None:
    await create_entry(maintainer, title="Aardvarks sleep in the loop", tags=["aardvark"])
    await runtime.indexer.drain()
    page = await get_page(client, "/")
    (link,) = [a for tag, a in page.tags if tag == "link" and a["rel"] == "search"]
    answer = await client.get(link["href"])
    assert answer.headers["content-type"] == link["type"] == answer.headers["content-type"]
    root = ET.fromstring(answer.content)
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert len(root.findtext(f"{OPENSEARCH}ShortName", "")) in range(1, 17)
    assert len(root.findtext(f"{OPENSEARCH}Description", "")) in range(1, 1025)
    urls = {url.attrib["type"]: url.attrib["template"] for url in root.iter(f"{OPENSEARCH}Url")}
    search = urls["text/html"].replace("{searchTerms}", "aardvarks")
    assert "Aardvarks sleep in the loop" in (await get_page(client, search)).links
    suggest = urls["application/x-suggestions+json"].replace("{searchTerms}", "aard")
    completed = await client.get(suggest)
    assert completed.headers["content-type"] == "application/x-suggestions+json"
    text, completions = json.loads(completed.text)
    assert text == "aard"
    assert set(completions) == {"Aardvarks sleep in the loop", "tag:aardvark"}
    icon = await client.get(root.findtext(f"{OPENSEARCH}Image", ""))
    assert icon.content[:4] == b"\x00\x00\x01\x00"


async def test_the_sitemap_has_every_entry_but_archived_ones(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    first = (await create_entry(maintainer))["slug"]
    gone = (await create_entry(maintainer, title="One that is archived"))["slug"]
    await maintainer.post(f"/api/v1/entries/{gone}/archive", json={"reason": "Wrong"})
    found = await locations(client, "/sitemap.xml")
    assert f"http://kb.test/entries/{first}" in found
    assert f"http://kb.test/entries/{gone}" not in found
    for address in found:
        page = await get_page(client, address)
        assert canonical(page) == [address]


async def test_a_large_sitemap_is_an_index_of_files_that_have_each_entry_once(
    maintainer: AsyncClient, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "FILE", 3)
    monkeypatch.setattr(sitemap, "BLOCK", 2)
    made = [(await create_entry(maintainer, title=f"Entry number {n}"))["slug"] for n in range(7)]
    files = await locations(client, "/sitemap.xml")
    assert files == [f"http://kb.test/sitemap-{number}.xml" for number in (1, 2, 3)]
    held = [await locations(client, file) for file in files]
    addresses = [address for file in held for address in file if "/entries/" in address]
    assert addresses == [f"http://kb.test/entries/{slug}" for slug in made]
    assert [len(file) for file in held[1:]] == [3, 1]
    for number in ("0", "4", "-1"):
        assert (await client.get(f"/sitemap-{number}.xml")).status_code == 404


async def test_crawlers_are_told_what_to_leave_and_where_the_sitemap_is(
    client: AsyncClient,
) -> None:
    answer = await client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /entries/new" in lines
    assert "Disallow: /" not in lines
    assert "Sitemap: http://kb.test/sitemap.xml" in lines


async def test_agents_are_told_how_to_ask(maintainer: AsyncClient, client: AsyncClient) -> None:
    await create_entry(maintainer, tags=["c++"])
    answer = await client.get("/llms.txt")
    assert answer.text.startswith("# kb\n\n> ")
    assert "- [c++](http://kb.test/api/v1/entries?tag=c%2B%2B): 1 entry\n" in answer.text
    for address in re.findall(r"^- \[[^]]+\]\(([^)]+)\)", answer.text, re.MULTILINE):
        assert (await client.get(address)).status_code == 200, address


async def test_where_visitors_read_nothing_programs_are_not_told_either(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient
) -> None:
    await create_entry(maintainer, tags=["secret-project"])
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        assert (await visitor.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"
        for address in ("/sitemap.xml", "/sitemap-1.xml", "/feed.atom", "/opensearch/suggest?q=a"):
            assert (await visitor.get(address)).status_code == 401
        told = (await visitor.get("/llms.txt")).text
        assert "secret-project" not in told
        assert "kb token create" in told
        for missing in ("/entries/secret", "/nowhere"):
            assert "secret-project" not in (await visitor.get(missing)).text


async def test_a_missing_entry_offers_a_search_and_what_is_near(
    maintainer: AsyncClient, runtime: Runtime, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, title="Aardvarks sleep in the loop"))["slug"]
    await runtime.indexer.drain()
    for tail in ("", ".md", "/revisions"):
        page = await get_page(client, f"/entries/aardvarks_sleep-in-a-loop{tail}", status=404)
        assert page.headings[:2] == ["Not found", "Perhaps you mean"]
        assert page.links["Aardvarks sleep in the loop"] == f"/entries/{slug}"
        assert page.by_id("lost-q")["value"] == "aardvarks sleep in a loop"
    elsewhere = await get_page(client, "/nowhere/at-all", status=404)
    assert elsewhere.by_id("lost-q")["value"] == ""
    assert elsewhere.headings == ["Not found"]
