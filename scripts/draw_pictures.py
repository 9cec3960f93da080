"""Draw what stands beside links to us from the icon: for browsers, phones, and other sites' cards.

Run from the top of a checkout: python -m scripts.draw_pictures
"""

import asyncio
import struct
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, sandbox

STATIC = Path(__file__).parents[1] / "static"
ICON = '<body style="margin:0">{icon}</body>'
CARD = """<body style="align-items:center;background:#1f5f8b;box-sizing:border-box;color:#fff;
display:flex;font:600 56px/1.35 system-ui;gap:72px;height:630px;margin:0;padding:0 96px">
<div style="flex:0 0 260px">{icon}</div><p>What bites, why it does, and what to do instead.</p>"""


async def draw(browser: Browser, html: str, width: int, height: int) -> bytes:
    """Return a PNG of the page, see-through where nothing is."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.set_content(html)
    picture = await page.screenshot(omit_background=True)
    await page.close()
    return picture


def as_ico(png: bytes, size: int) -> bytes:
    """Return a .ico that holds the one PNG."""
    header = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(png), 22)
    return header + entry + png


async def main() -> None:
    """Write the files."""
    icon = (STATIC / "icon.svg").read_text(encoding="utf-8")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + sandbox())
        small = await draw(browser, ICON.format(icon=icon), 32, 32)
        pictures = {
            "favicon.ico": as_ico(small, 32),
            "icon-180.png": await draw(browser, ICON.format(icon=icon), 180, 180),
            "card.png": await draw(browser, CARD.format(icon=icon), 1200, 630),
        }
        await browser.close()
    for name, picture in pictures.items():
        (STATIC / name).write_bytes(picture)


if __name__ == "__main__":
    asyncio.run(main())
