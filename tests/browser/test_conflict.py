"""The page where two changes touch, resolved with the keyboard alone."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.test_journey import ENTRY
from tests.servers import Server

pytestmark = pytest.mark.browser


async def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"{target} cannot be reached by keyboard")


async def save_as_somebody_else(page: Page, texts: dict[str, str]) -> None:
    """Change the entry's fields from another tab."""
    other = await page.context.new_page()
    await other.goto(f"{ENTRY}/revise")
    for label, text in texts.items():
        await other.get_by_label(label, exact=True).fill(text)
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_role("heading", name="Revisions (2)")).to_be_visible()
    await other.close()


async def test_a_conflict_is_resolved_by_keyboard_only(visitors: Visitors, server: Server) -> None:
    owner = await visitors.open(server.link)
    await owner.goto(f"{ENTRY}/revise")
    theirs = {"Why": "Theirs: why.", "Context": "Theirs: context.", "Applies to": "every version"}
    await save_as_somebody_else(owner, theirs)
    await owner.get_by_label("Why", exact=True).fill("Mine: why.")
    await owner.get_by_label("Context", exact=True).fill("Mine: context.")
    await owner.get_by_label("Keywords", exact=True).fill("kept by itself")
    await owner.get_by_label("Keywords", exact=True).press("Tab")
    await tab_to(owner, owner.get_by_role("button", name="Save"))
    await owner.keyboard.press("Enter")

    heading = owner.get_by_role("heading", level=1)
    await expect(heading).to_have_text("Somebody else has changed this entry")
    why = owner.get_by_role("group", name="Why: the three texts")
    for text in ("Theirs: why.", "Mine: why."):
        await expect(why.get_by_text(text)).to_be_visible()
    await tab_to(owner, owner.get_by_role("link", name="Why", exact=True))
    await owner.keyboard.press("Enter")
    mine = owner.get_by_role("group", name="Why: which text is right?").get_by_label("Keep what is")
    await tab_to(owner, mine)
    await owner.keyboard.press("ArrowDown")
    await expect(owner.get_by_label("Take theirs").first).to_be_checked()

    box = owner.get_by_label("Context", exact=True)
    await tab_to(owner, box)
    await expect(box).to_have_value("Mine: context.")
    await owner.keyboard.press("Control+End")
    await owner.keyboard.type(" And theirs: context.")
    await tab_to(owner, owner.get_by_role("button", name="Save"))
    await owner.keyboard.press("Enter")

    await expect(owner).to_have_url(re.compile(f"{ENTRY}$"))
    for text in ("Theirs: why.", "Mine: context. And theirs: context.", "every version"):
        await expect(owner.get_by_text(text)).to_be_visible()
    await expect(owner.get_by_text("Mine: why.")).to_have_count(0)
    await expect(owner.get_by_role("heading", name="Revisions (3)")).to_be_visible()
