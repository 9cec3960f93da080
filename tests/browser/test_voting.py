"""Voting, with JavaScript and without."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitors
from tests.browser.test_journey import ENTRY

pytestmark = pytest.mark.browser


async def test_a_vote_is_given_seen_and_taken_back(visitors: Visitors, javascript: bool) -> None:
    page = await visitors.open(ENTRY)
    up, votes = page.get_by_role("button", name="Vote up"), page.locator("#votes")
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    await expect(votes).to_contain_text("0 votes")
    await up.click()
    await expect(votes).to_contain_text("1 vote")
    await expect(up).to_have_attribute("aria-pressed", "true")
    if javascript:
        await expect(up).to_be_focused()
    other = await visitors.open(ENTRY)
    await other.get_by_role("button", name="Vote down").click()
    await expect(other.locator("#votes")).to_contain_text("0 votes")
    await up.click()
    await expect(votes).to_contain_text("-1 votes")
    await expect(up).to_have_attribute("aria-pressed", "false")
    assert len(loads) == (0 if javascript else 2)
    await page.reload()
    await expect(votes).to_contain_text("-1 votes")
