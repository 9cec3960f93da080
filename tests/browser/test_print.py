"""Pages on paper: what is read, and nothing that wants to be pressed."""

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.servers import Server

pytestmark = pytest.mark.browser

INDENT = 40
"""Pixels within which a list or a quotation begins, and no second column."""

LANDSCAPE: ViewportSize = {"width": 1100, "height": 800}
ENTRY = "/entries/fastapi-async-endpoints-must-not-block-the-event-loop-with-synchronous-io"


async def test_paper_has_the_text_in_one_column_and_nothing_to_press(
    browser: Browser, server: Server
) -> None:
    page = await browser.new_page(base_url=server.base, viewport=LANDSCAPE)
    await page.goto(server.link)
    await page.emulate_media(media="print")
    for path in ("/", ENTRY):
        await page.goto(path)
        await expect(page.locator("h1")).to_be_visible()
        await expect(page.locator("button:visible, input:visible, summary:visible")).to_have_count(
            0
        )
        lefts = await page.locator("h1, h2, .card, .facts").evaluate_all(
            "all => all.filter((one) => one.checkVisibility())"
            ".map((one) => one.getBoundingClientRect().left)"
        )
        assert len(lefts) > 1
        assert max(lefts) - min(lefts) < INDENT
    await page.close()
