"""The entry form by keyboard: Enter saves, and another box is where one types on."""

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
