"""Who did what: the page of everything, and the feed of what is new."""

import re
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlmodel import col, update

from kb.accounts.policy import Role
from kb.models import ApiToken
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.conftest import client_of, token_for
from tests.factories import create_entry, revise
from tests.web.pages import get_page, parsed, send
from tests.web.test_accounts import visitor_where
from tests.web.test_new_entry import draft

ATOM = "{http://www.w3.org/2005/Atom}"
ACTS = r"(?:wrote|revised|imported|archived|brought back|restored an|merged|\w+ suggestion \d+)"


async def acts(client: AsyncClient, address: str = "/activity") -> list[tuple[str, str]]:
    """Return who did what, as the page says it."""
    page = await get_page(client, address)
    return re.findall(rf"(\S+) ({ACTS})", " ".join(page.text.split()))


async def test_everything_done_is_listed_the_newest_first(
    maintainer: AsyncClient, owner: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    assert await revise(maintainer, slug, 1, why="More.", summary="Say <why>") == 201
    assert await revise(client, slug, 2, why="Less.") == 202
    await send(owner, "/review/1/accept", [])
    await send(
        client, "/entries", await draft(client, title="Quux is not wanted", problem="Xyzzy.")
    )
    await send(owner, "/review/2/reject", [("reason", "Known already")])
    await send(owner, f"/entries/{slug}/archive", [("reason", "Fixed upstream")])
    await send(owner, f"/entries/{slug}/unarchive", [])
    done = await acts(client)
    assert sorted(done[3:5]) == [("anonymous", "revised"), ("owner", "accepted suggestion 1")]
    assert [*done[:3], *done[5:]] == [
        ("owner", "brought back"),
        ("owner", "archived"),
        ("owner", "rejected suggestion 2"),
        ("script", "revised"),
        ("script", "wrote"),
    ]
    page = await get_page(client, "/activity")
    for text in ("Say <why>", "Known already", "Quux is not wanted", "Fixed upstream"):
        assert text in page.text
    assert page.links["suggestion 2"] == "/review/2"
    assert page.links["changes"].startswith(f"/entries/{slug}/compare/")


NAME = "ann & bob?"


async def revised_by_another(app: FastAPI, runtime: Runtime, owner: AsyncClient) -> str:
    """Have NAME create an entry and the owner revise it; return its slug."""
    # Such names come with imported entries, and with tokens of older versions.
    token = await token_for(runtime, "another", Role.MAINTAINER)
    async with runtime.database.write() as session:
        await session.exec(
            update(ApiToken).values(name=NAME).where(col(ApiToken.name) == "another")
        )
    async with client_of(app, authorization=f"Bearer {token}") as program:
        slug = str((await create_entry(program))["slug"])
    await revise(owner, slug, 1, why="Another.")
    return slug


async def test_what_one_author_did_stands_alone(
    app: FastAPI, runtime: Runtime, owner: AsyncClient, client: AsyncClient
) -> None:
    slug = await revised_by_another(app, runtime, owner)
    entry = await get_page(client, f"/entries/{slug}")
    page = await get_page(client, entry.links[NAME])
    assert page.headings == [f"What {NAME} did"]
    assert "wrote" in page.text
    assert "revised" not in page.text
    nobody = await get_page(client, "/activity?author=nobody")
    assert "Nothing by nobody." in nobody.text


async def test_pages_hold_every_event_once_even_of_one_moment(
    maintainer: AsyncClient, owner: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for base in range(1, 60):
        assert await revise(maintainer, slug, base, why=f"Reason {base}.") == 201
    for _ in range(10):
        await send(owner, f"/entries/{slug}/archive", [("reason", "Just so")])
        await send(owner, f"/entries/{slug}/unarchive", [])
    async with runtime.database.write() as session:
        connection = await session.connection()
        same = str(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))
        for table, column in (
            ("revision", "created_at"),
            ("archival", "archived_at"),
            ("archival", "restored_at"),
        ):
            await connection.exec_driver_sql(f"UPDATE {table} SET {column} = '{same}.000000'")
    first = await get_page(client, "/activity")
    second = await get_page(client, first.links["Older"])
    assert "Older" not in second.links
    seen = re.findall(r"revision \d+\b|archived|brought back", first.text + second.text)
    assert len(seen) == 60 + 20
    assert len({one for one in seen if one.startswith("revision")}) == 60
    assert second.links["Newest"] == "/activity"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/activity?cursor=forged", 422),
        ("/activity?author=" + "x" * 201, 422),
        ("/activity?author=%00", 422),
        ("/activity?author=%ff", 400),
        ("/activity?autor=ann", 422),
        ("/feed.atom?author=%00", 422),
        ("/feed.atom?autor=ann", 422),
        ("/feed.atom?cursor=x", 422),
    ],
)
async def test_a_bad_address_gets_a_page_that_says_so(
    client: AsyncClient, address: str, status: int
) -> None:
    parsed(await client.get(address), status)


async def feed_of(client: AsyncClient, address: str = "/feed.atom") -> ET.Element:
    """Return the feed, checked against what RFC 4287 demands of one (sections 3 and 4)."""
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)
    entries = feed.findall(f"{ATOM}entry")
    assert feed.tag == f"{ATOM}feed"
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):
            (found,) = part.findall(f"{ATOM}{name}")
            assert found.text
        assert part.find(f"{ATOM}link[@rel='alternate']") is not None
        for time in (*part.findall(f"{ATOM}updated"), *part.findall(f"{ATOM}published")):
            assert datetime.fromisoformat(time.text or "").tzinfo == UTC
        for link in part.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith(("http://", "https://"))
    assert all(entry.findtext(f"{ATOM}author/{ATOM}name") for entry in entries)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    return feed


async def test_the_feed_holds_new_entries_and_revisions(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    assert (await feed_of(client)).findall(f"{ATOM}entry") == []
    slug = (await create_entry(maintainer, title="Text with <b> & ]]> \ufffe in it"))["slug"]
    await revise(maintainer, slug, 1, why="More.", summary="Say why")
    page = f"http://kb.test/entries/{slug}"
    revised, written = (await feed_of(client)).findall(f"{ATOM}entry")
    assert written.findtext(f"{ATOM}title") == "Text with <b> & ]]> \ufffd in it"
    assert written.findtext(f"{ATOM}summary") == "`time.sleep` holds the event loop."
    assert written.find(f"{ATOM}link").attrib["href"] == page  # type: ignore[union-attr]
    assert revised.findtext(f"{ATOM}id") == f"{page}/revisions/2"
    assert revised.findtext(f"{ATOM}summary") == "Say why"
    assert revised.find(f"{ATOM}category").attrib["term"] == "asyncio"  # type: ignore[union-attr]


def titles(feed: ET.Element) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


async def test_the_feed_holds_reviews_and_archivals_and_tells_of_both(
    maintainer: AsyncClient, owner: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, title="One that is archived"))["slug"]
    fields = await draft(client, title="Quux is not wanted", problem="Xyzzy.")
    await send(client, "/entries", fields)
    await send(owner, "/review/1/reject", [("reason", "Known already")])
    for _ in range(2):
        await send(owner, f"/entries/{slug}/archive", [("reason", "Fixed upstream")])
        await send(owner, f"/entries/{slug}/unarchive", [])
    feed = await feed_of(client)
    assert titles(feed) == [
        *["Brought back: One that is archived", "Archived: One that is archived"] * 2,
        "Suggestion 1 rejected: Quux is not wanted",
        "One that is archived",
    ]
    _, archived, *_, rejected, _ = feed.findall(f"{ATOM}entry")
    assert archived.findtext(f"{ATOM}summary") == "Fixed upstream"
    assert archived.findtext(f"{ATOM}author/{ATOM}name") == "owner"
    assert rejected.findtext(f"{ATOM}summary") == "Known already"
    assert rejected.find(f"{ATOM}link").attrib["href"] == "http://kb.test/review/1"  # type: ignore[union-attr]
    assert "Xyzzy" not in ET.tostring(feed, encoding="unicode")


async def test_of_an_archived_entry_the_feed_keeps_what_was_done_and_not_what_it_says(
    maintainer: AsyncClient, owner: AsyncClient, client: AsyncClient
) -> None:
    gone = await create_entry(
        maintainer, title="One that is archived", problem="Xyzzy.", tags=["plugh"]
    )
    await revise(maintainer, gone["slug"], 1, why="More.", summary="Say why")
    assert "Xyzzy" in ET.tostring(await feed_of(client), encoding="unicode")
    await send(owner, f"/entries/{gone['slug']}/archive", [("reason", "Wrong")])
    feed = await feed_of(client)
    assert titles(feed) == [
        "Archived: One that is archived",
        "One that is archived (revision 2)",
        "One that is archived",
    ]
    text = ET.tostring(feed, encoding="unicode")
    assert "Say why" in text
    assert "Xyzzy" not in text
    assert "plugh" not in text


async def test_an_author_has_a_feed_of_their_own(
    app: FastAPI, runtime: Runtime, owner: AsyncClient, client: AsyncClient
) -> None:
    await revised_by_another(app, runtime, owner)
    page = await get_page(client, f"/activity?author={quote(NAME)}")
    (address,) = [
        attributes["href"]
        for tag, attributes in page.tags
        if tag == "link" and attributes.get("title") == f"What {NAME} did"
    ]
    feed = await feed_of(client, address)
    assert titles(feed) == ["Sleeping in an endpoint stalls the others"]
    assert feed.findtext(f"{ATOM}title") == f"kb: what {NAME} did"
    assert feed.findtext(f"{ATOM}id") == f"http://kb.test{address}"
    assert page.links["feed"] == address
    nobody = await feed_of(client, "/feed.atom?author=nobody")
    assert titles(nobody) == []


async def test_a_feed_that_has_not_changed_is_not_sent_again(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await create_entry(maintainer)
    first = await client.get("/feed.atom")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await client.get("/feed.atom", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await create_entry(maintainer, title="Another one of them")
    assert (await client.get("/feed.atom", headers={"If-None-Match": etag})).status_code == 200


async def test_the_feed_is_found_from_every_page_and_names_the_public_address(
    maintainer: AsyncClient, app: FastAPI, runtime: Runtime, client: AsyncClient
) -> None:
    await create_entry(maintainer)
    page = await get_page(client, "/")
    feeds = [a for tag, a in page.tags if tag == "link" and a.get("type") == "application/atom+xml"]
    assert [feed["href"] for feed in feeds] == ["/feed.atom"]
    assert page.links["Who did what"] == "/activity"
    runtime.settings.public_url = "https://kb.example"
    feed = await feed_of(client)
    assert feed.findtext(f"{ATOM}id") == "https://kb.example/feed.atom"
    assert "http://kb.test" not in ET.tostring(feed, encoding="unicode")


async def test_where_nobody_reads_without_signing_in_the_feed_says_so(
    app: FastAPI, runtime: Runtime
) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        for address in ("/feed.atom", "/activity", f"/activity?author={quote('a b')}"):
            assert (await visitor.get(address)).status_code == 401
