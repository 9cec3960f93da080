"""Conditional requests for pages, and who may keep them."""

import pytest
from httpx2 import AsyncClient
from sqlmodel import text

from kb.runtime import Runtime
from tests.factories import revise

FILES = ("/feed.atom", "/llms.txt", "/sitemap.xml", "/sitemap-1.xml")
"""What says the same to everybody."""

PATHS = (
    "/",
    "/?q=sleeping",
    "/?tag=asyncio&sort=views",
    "/entries/{slug}",
    "/entries/{slug}.md",
    "/entries/{slug}/revisions",
    "/entries/{slug}/revisions/1",
    "/entries/{slug}/compare/1...2",
    "/activity",
    "/tags",
    *FILES,
)


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_not_sent_again_until_it_changes(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    first = await client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    known = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Set-Cookie" not in again.headers
    assert (await client.head(path, headers=known)).status_code == 304
    assert await revise(maintainer, slug, 2, solution="Await.") == 201
    assert (await client.get(path, headers=known)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_of_one_visitor_is_never_taken_for_anothers(
    owner: AsyncClient, client: AsyncClient, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    public = await client.get(path)
    assert "Cookie" in public.headers["Vary"]
    await owner.get("/")  # which says that they are signed in, once
    own = await owner.get(path)
    assert own.headers["Cache-Control"] == "private, no-cache"
    if path not in FILES:
        assert own.headers["ETag"] != public.headers["ETag"]
    again = await owner.get(path, headers={"If-None-Match": own.headers["ETag"]})
    assert again.status_code == 304


async def test_votes_suggestions_and_reports_make_a_page_new(
    maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    entry, path = f"/api/v1/entries/{slug}", f"/entries/{slug}"
    tags = [(await client.get(path)).headers["ETag"]]
    for url, body in (
        (f"{entry}/votes", {"value": 1}),
        (f"{entry}/reports", {"holds": False, "version": "python 3.14"}),
        (f"{entry}/archive", {"reason": "An example"}),
    ):
        assert (await maintainer.post(url, json=body)).is_success
        tags.append((await client.get(path)).headers["ETag"])
    assert len(set(tags)) == 4


async def test_neither_views_nor_searches_make_pages_new(
    client: AsyncClient, runtime: Runtime, slug: str
) -> None:
    path = f"/entries/{slug}"
    tag = (await client.get(path)).headers["ETag"]
    await client.get("/?q=sleeping")
    await runtime.views.flush()
    await runtime.searches.flush()
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 304


async def test_what_was_just_done_is_said_though_the_page_is_known(
    owner: AsyncClient, slug: str
) -> None:
    await owner.get("/")
    path = f"/entries/{slug}"
    tag = (await owner.get(path)).headers["ETag"]
    owner.cookies.set("kb_note", "reported")
    page = await owner.get(path, headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert "Your report is kept" in page.text
    assert "ETag" not in page.headers


async def test_the_part_for_htmx_has_a_tag_of_its_own(client: AsyncClient, slug: str) -> None:
    page, part = [
        await client.get("/", headers={"HX-Request-Type": kind}) for kind in ("full", "partial")
    ]
    assert page.headers["ETag"] != part.headers["ETag"]
    assert "HX-Request-Type" in part.headers["Vary"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_304_reads_no_entry(
    client: AsyncClient, afresh: AsyncClient, runtime: Runtime, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    tag = (await client.get(path)).headers["ETag"]
    async with runtime.database.write(shown=False) as session:
        await (await session.connection()).execute(text("ALTER TABLE entry RENAME TO elsewhere"))
    assert (await afresh.get(path, headers={"If-None-Match": tag})).status_code == 304


@pytest.mark.parametrize("path", ["/entries/{slug}", "/", "/?q=sleeping", "/feed.atom"])
async def test_a_304_needs_nothing_that_would_have_to_be_rendered(
    client: AsyncClient, afresh: AsyncClient, runtime: Runtime, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    tag = (await client.get(path)).headers["ETag"]
    async with runtime.database.write(shown=False) as session:
        await (await session.connection()).execute(text("UPDATE entry SET tags = '{broken'"))
    assert (await afresh.get(path, headers={"If-None-Match": tag})).status_code == 304
    with pytest.raises(ValueError, match=r"JSON|property name"):
        await afresh.get(path)
