"""Take the README's screenshots: a server on the starter entries, seen through Chromium.

Run from the top of a checkout: python -m scripts.take_screenshots
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sandbox
from tests.servers import Server

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1200, "height": 800}
PAGES = {
    "search": "/?q=blocks the event loop",
    "entry": "/entries/fastapi-async-endpoints-must-not-block-the-event-loop-with-synchronous-io",
}


async def take(base: str) -> None:
    """Save a picture of each page."""
    async with async_playwright() as driver:
        chromium = driver.chromium
        browser = await chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + sandbox())
        page = await browser.new_page(base_url=base, viewport=SIZE, color_scheme="light")
        for name, path in PAGES.items():
            await page.goto(path)
            await page.locator("h1").click()  # takes the focus from the search box
            await page.screenshot(path=IMAGES / f"{name}.png")
        await browser.close()


def main() -> None:
    """Serve on a temporary data folder while the pictures are taken."""
    folder = Path(tempfile.mkdtemp())
    try:
        with Server(folder / "data") as server:
            asyncio.run(take(server.base))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
