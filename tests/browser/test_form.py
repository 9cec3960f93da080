"""The entry form by keyboard: Enter saves, mistakes get the focus, another box is typed into."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitors
from tests.browser.test_journey import ENTRY

pytestmark = pytest.mark.browser


async def test_enter_in_a_field_sends_the_form(visitors: Visitors) -> None:
    page = await visitors.open(f"{ENTRY}/revise")
    await page.get_by_label("Applies to").fill("fastapi >= 0.100, mostly")
    await page.get_by_label("Applies to").press("Enter")
    await expect(page).to_have_url(re.compile("/review/1$"))


async def test_another_box_is_the_one_that_is_typed_into(visitors: Visitors) -> None:
    page = await visitors.open("/entries/new")
    await page.get_by_label("Gotcha 1").fill("    the first")
    await page.get_by_role("group", name="Gotchas").get_by_role("button", name="Add").click()
    await expect(page.get_by_label("Gotcha 3")).to_be_focused()
    await expect(page.get_by_label("Gotcha 3")).to_be_in_viewport()
    await expect(page.get_by_label("Gotcha 1")).to_have_value("    the first")


async def test_mistakes_get_the_focus_and_lead_to_their_fields(visitors: Visitors) -> None:
    page = await visitors.open("/entries/new")
    await page.get_by_label("Title").fill("short")
    await page.get_by_label("Title").press("Enter")
    summary = page.get_by_role("alert").filter(has_text="Not saved yet")
    await expect(summary).to_be_focused()
    await expect(page).to_have_title(re.compile("^Not saved: New entry"))
    await page.keyboard.press("Tab")
    await expect(summary.get_by_role("link").first).to_be_focused()
    await page.keyboard.press("Enter")
    title = page.get_by_label("Title")
    await expect(title).to_be_in_viewport()
    await expect(title).to_have_accessible_error_message(re.compile("at least 10 characters"))
    await expect(title).to_have_accessible_description(re.compile("One sentence"))


async def test_a_preview_without_the_script_is_what_one_sees_next(
    visitors: Visitors, javascript: bool
) -> None:
    page = await visitors.open(f"{ENTRY}/revise")
    await page.set_viewport_size({"width": 800, "height": 600})
    await page.get_by_label("Why", exact=True).fill("Because of **wombats**.")
    await page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    await expect(preview.locator("strong", has_text="wombats")).to_be_visible()
    await expect(preview).to_be_in_viewport()
    if not javascript:
        await expect(preview).to_be_focused()
