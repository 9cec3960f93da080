"""An entry's page, and its file."""

from httpx2 import AsyncClient

from kb.runtime import Runtime
from tests.factories import create_entry, revise
from tests.web.pages import get_page, parsed

WHOLE = {
    "title": "FastAPI endpoints must not block",
    "category": "gotcha",
    "severity": "major",
    "language": "python",
    "framework": "fastapi",
    "environment": ["linux", "docker"],
    "tags": ["asyncio", "c#"],
    "keywords": ["blocking I/O"],
    "error_messages": ["RuntimeError: no running <event> loop"],
    "problem": "It **stalls**:\n\n```python\ntime.sleep(1)\n```",
    "solution": "Use `asyncio.sleep`.",
    "why": "One thread runs the loop.",
    "gotchas": ["Sync *SQLAlchemy* does too.", "So does `requests`."],
    "context": "In `async def` endpoints.",
    "applies_to": "fastapi >= 0.100",
    "references": ["https://fastapi.tiangolo.com/async/"],
}
HEADINGS = [
    *("Problem", "Solution", "Why", "Gotchas", "Context"),
    *("Revisions (1)", "Still true?", "More like this"),
]


async def test_an_entry_is_a_card_of_all_it_holds(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    answer = await client.get(f"/entries/{slug}")
    page = parsed(answer)
    assert page.headings == ["FastAPI endpoints must not block", *HEADINGS]
    for text in (
        *("major", "gotcha", "python", "fastapi", "linux, docker", "blocking I/O"),
        *("RuntimeError: no running <event> loop", "fastapi >= 0.100"),
        *("Submitted by script", "0 votes", "1 view", "So does requests."),
    ):
        assert text in page.text
    assert "<strong>stalls</strong>" in answer.text
    assert '<div class="highlight">' in answer.text
    assert page.links["c#"] == "/?tag=c%23"
    assert page.links["fastapi.tiangolo.com/async/"] == "https://fastapi.tiangolo.com/async/"
    assert page.links["Full history"] == f"/entries/{slug}/revisions"
    assert page.links["Suggest a change"] == f"/entries/{slug}/revise"


async def test_an_open_gotcha_says_that_a_solution_is_wanted(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    page = await get_page(client, f"/entries/{slug}")
    assert "Solution wanted" in page.text
    headings = ["Problem", "Solution", "Why", "Gotchas", "Context", "Revisions (1)"]
    assert [heading for heading in page.headings if heading in headings] == headings
    assert page.text.count("Not written yet.") == 3


async def test_views_count_pages_read(
    maintainer: AsyncClient, client: AsyncClient, afresh: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for address in (f"/entries/{slug}.md", f"/entries/{slug}/revisions"):
        await client.get(address)
    await client.head(f"/entries/{slug}")
    assert "1 view" in (await get_page(client, f"/entries/{slug}")).text
    await runtime.views.flush()
    # The first page may be given again for a minute, with the count it had.
    assert "2 views" in (await get_page(afresh, f"/entries/{slug}")).text


async def test_the_newest_revisions_are_listed(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for base in range(1, 7):
        assert await revise(maintainer, slug, base, why=f"Reason {base}", summary=f"S{base}") == 201
    page = await get_page(client, f"/entries/{slug}")
    assert "Revisions (7)" in page.headings
    assert "S6" in page.text
    assert "S2" in page.text
    assert "S1" not in page.text
    assert page.links["Revision 7"] == f"/entries/{slug}/revisions/7"


async def test_an_entry_is_there_as_its_file(maintainer: AsyncClient, client: AsyncClient) -> None:
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    answer = await client.get(f"/entries/{slug}.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith('+++\ntitle = "FastAPI endpoints must not block"\n')
    assert "## Problem\n\nIt **stalls**" in answer.text


async def test_an_entry_leads_to_others_like_it(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, title="A zygomorphic endpoint stalls"))["slug"]
    await create_entry(maintainer, title="Another zygomorphic endpoint", severity="tip")
    await create_entry(maintainer, title="Nothing of the kind")
    await runtime.indexer.drain()
    page = await get_page(client, f"/entries/{slug}")
    more = page.links["Other entries about the same"]
    whole = await get_page(client, more)
    assert "Another zygomorphic endpoint" in whole.links
    assert "Nothing of the kind" not in whole.links
    assert whole.links["A zygomorphic endpoint stalls"] == f"/entries/{slug}"
    part = await client.get(more, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "<html" not in part.text
    assert "Another zygomorphic endpoint" in part.text
    assert await get_page(client, "/entries/none/related", status=404)


async def test_what_an_entry_applies_to_and_who_has_tried_it_stands_below_its_title(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    slug = (await create_entry(maintainer, applies_to="fastapi >= 0.100"))["slug"]
    for holds, version in (("yes", "fastapi 0.115"), ("no", "fastapi 0.116")):
        report = {"holds": holds == "yes", "version": version}
        await maintainer.post(f"/api/v1/entries/{slug}/reports", json=report)
    page = await get_page(client, f"/entries/{slug}")
    text = " ".join(page.text.partition("Submitted by")[2].partition("Not written")[0].split())
    assert "Applies to fastapi >= 0.100" in text
    assert "with fastapi 0.115" in text
    assert "No longer true with fastapi 0.116, says script" in text
