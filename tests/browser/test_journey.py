"""The main path as people walk it, with JavaScript and without."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitors
from tests.servers import Server

pytestmark = pytest.mark.browser

TITLE = "FastAPI async endpoints must not block the event loop with synchronous I/O"
ENTRY = "/entries/fastapi-async-endpoints-must-not-block-the-event-loop-with-synchronous-io"


async def browse_to_the_entry(page: Page, *, as_they_type: bool) -> None:
    """Take a facet, go back, search, and open what was found."""
    await page.locator("#results").get_by_role("link", name=re.compile("^fastapi")).first.click()
    await expect(page).to_have_url(re.compile("framework=fastapi"))
    await expect(page.locator("#results article")).not_to_have_count(0)
    await page.go_back()

    box = page.get_by_role("search").locator("input[name=q]")
    await box.fill("blocks the event loop tag:fastapi")
    if not as_they_type:
        await box.press("Enter")
    await expect(page).to_have_url(re.compile("q=blocks"))
    found = page.locator("#results article").filter(has_text=TITLE)
    await expect(found.locator("mark").first).to_be_visible()
    await found.get_by_role("link", name=TITLE).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


async def suggest(page: Page, addition: str) -> None:
    """Add to the entry's context, past a mistake and a preview, and send it."""
    await page.get_by_role("link", name="Suggest a change").click()
    context = page.get_by_label("Context", exact=True)
    typed = f"{await context.input_value()} {addition}"
    await context.fill(typed)
    await page.get_by_label("Title").fill("short")
    await page.get_by_role("button", name="Suggest").click()
    await expect(page.get_by_text("at least 10 characters").first).to_be_visible()
    await expect(context).to_have_value(typed)
    await page.get_by_label("Title").fill(TITLE)
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview").get_by_text(addition)).to_be_visible()
    await page.get_by_role("button", name="Suggest").click()
    await expect(page).to_have_url(re.compile("/review/1$"))


async def test_a_visitor_finds_and_suggests_and_the_owner_accepts_compares_and_restores(
    visitors: Visitors, server: Server, javascript: bool
) -> None:
    visitor = await visitors.open()
    await browse_to_the_entry(visitor, as_they_type=javascript)
    for heading in ("Problem", "Solution", "Why", "Gotchas", "Context", "Revisions (1)"):
        await expect(visitor.get_by_role("heading", level=2, name=heading)).to_be_visible()
    await expect(visitor.locator("figure.code .highlight span").first).to_be_visible()
    await suggest(visitor, "Marsupial workers too.")

    owner = await visitors.open(server.link)
    await owner.get_by_role("link", name=re.compile("^Review")).click()
    await owner.get_by_role("link", name=re.compile("FastAPI async endpoints")).first.click()
    await expect(owner.locator("ins").filter(has_text="Marsupial")).to_be_visible()
    await owner.get_by_role("button", name="Accept").click()

    await visitor.goto(ENTRY)
    await expect(visitor.get_by_text("Marsupial workers too.")).to_be_visible()
    await visitor.get_by_role("link", name="Full history").click()
    await visitor.goto(f"{ENTRY}/compare/1...2")
    await expect(visitor.locator("ins").filter(has_text="Marsupial")).to_be_visible()

    await owner.goto(f"{ENTRY}/revisions/1")
    await owner.get_by_role("button", name=re.compile("Restore")).click()
    await expect(owner).to_have_url(re.compile(f"{ENTRY}$"))
    await expect(owner.get_by_text("Marsupial workers too.")).to_have_count(0)
    await expect(owner.get_by_role("heading", name="Revisions (3)")).to_be_visible()


async def test_whoever_saves_second_keeps_what_they_typed(
    visitors: Visitors, server: Server
) -> None:
    owner = await visitors.open(server.link)
    await owner.goto(f"{ENTRY}/revise")
    other = await owner.context.new_page()
    await other.goto(f"{ENTRY}/revise")
    await other.get_by_label("Why", exact=True).fill("Somebody else was quicker.")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("Somebody else was quicker.")).to_be_visible()

    await owner.get_by_label("Why", exact=True).fill("I had typed this.")
    await owner.get_by_role("button", name="Save").click()
    await expect(owner.get_by_role("heading", level=1)).to_have_text(
        "Somebody else has changed this entry"
    )
    await expect(owner.get_by_label("Why", exact=True)).to_have_value("I had typed this.")
    await expect(owner.get_by_text("Somebody else was quicker.")).to_be_visible()
    await owner.get_by_role("button", name="Save").click()
    await expect(owner).to_have_url(re.compile(f"{ENTRY}$"))
    await expect(owner.get_by_text("I had typed this.")).to_be_visible()
    await expect(owner.get_by_role("heading", name="Revisions (3)")).to_be_visible()


async def test_a_new_entry_is_shown_its_like_before_it_is_sent(
    visitors: Visitors, server: Server
) -> None:
    owner = await visitors.open(server.link)
    await owner.get_by_role("link", name="New entry").click()
    await owner.get_by_label("Title").fill("Blocking the event loop of FastAPI with requests")
    await owner.get_by_role("combobox", name="Tags").fill("fastapi, asyncio")
    await owner.get_by_label("Problem").fill("`requests.get` in an endpoint stalls the event loop.")
    await owner.get_by_role("button", name="Save", exact=True).click()
    await expect(owner.get_by_role("link", name=TITLE)).to_be_visible()
    await owner.get_by_role("button", name=re.compile("None of these")).click()
    await expect(owner.get_by_role("heading", level=1)).to_have_text(
        "Blocking the event loop of FastAPI with requests"
    )
