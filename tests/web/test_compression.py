"""Answers over the wire: compressed for whoever accepts it, and a first page light."""

import gzip

from httpx2 import AsyncClient, Response

from tests.factories import create_entry, make_values
from tests.web.pages import Page

FIRST_PAGE = 60_000
"""Bytes of a first page with all that it loads."""
PLAIN = {"accept-encoding": "identity"}


async def on_the_wire(
    client: AsyncClient, address: str, headers: dict[str, str] | None = None
) -> tuple[Response, bytes]:
    """Return an answer and its body as it was sent."""
    async with client.stream("GET", address, headers=headers) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


def loaded_by(page: Page) -> list[str]:
    """Return the addresses of what a browser loads with the page."""
    loaded = [a["src"] for tag, a in page.tags if "src" in a]
    links = [a for tag, a in page.tags if tag == "link"]
    return loaded + [a["href"] for a in links if a["rel"] in {"stylesheet", "icon"}]


async def test_a_first_page_with_all_it_loads_is_light(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    for number in range(20):
        await create_entry(
            maintainer,
            title=f"Number {number}: sleeping in an endpoint stalls the others",
            tags=[f"tag-{number}-{other}" for other in range(6)],
            problem="A problem that is told in two lines of text, as most are. " * 4,
        )
    page = Page((await client.get("/")).text)
    sizes = {}
    for address in ["/", *loaded_by(page)]:
        answer, body = await on_the_wire(client, address)
        assert answer.status_code == 200
        sizes[address] = len(body)
    assert len(sizes) >= 5
    assert sum(sizes.values()) < FIRST_PAGE, sizes


async def test_who_accepts_no_compression_gets_none(client: AsyncClient) -> None:
    packed, body = await on_the_wire(client, "/")
    plain, text = await on_the_wire(client, "/", PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer.headers["vary"]
        assert "Cookie" in answer.headers["vary"]
    assert gzip.decompress(body) == text


async def test_an_entry_has_one_tag_for_both_encodings(
    client: AsyncClient, maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **make_values(why="It holds the loop. " * 50)))["slug"]
    address = f"/api/v1/entries/{slug}"
    packed, _ = await on_the_wire(client, address)
    plain, _ = await on_the_wire(client, address, PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == plain.headers["etag"] == '"r1"'
    known = await client.get(address, headers={"if-none-match": '"r1"'})
    assert (known.status_code, known.content) == (304, b"")
