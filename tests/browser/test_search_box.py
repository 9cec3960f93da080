"""The search box: completions by keyboard and mouse, and texts too long for an address."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser


@pytest.fixture
def javascript() -> bool:
    """Without scripts the box is a plain form, which the journey walks."""
    return True


def box_of(page: Page) -> Locator:
    return page.get_by_role("search").get_by_role("combobox")


async def type_into_the_box(page: Page, text: str) -> Locator:
    """Type, and return the options once there are some."""
    await box_of(page).press_sequentially(text)
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    await expect(options).not_to_have_count(0)
    return options


async def test_a_completion_is_taken_with_the_keyboard_alone(visitors: Visitors) -> None:
    page = await visitors.open("/sign-in")
    await page.keyboard.press("/")
    options = await type_into_the_box(page, "fastapi a")
    box = box_of(page)
    await expect(box).to_have_attribute("aria-expanded", "true")
    title = options.filter(has_text="FastAPI async endpoints")
    for _ in range(await options.count()):
        await box.press("ArrowDown")
        if await title.get_attribute("aria-selected") == "true":
            break
    active = await box.get_attribute("aria-activedescendant")
    assert active == await title.get_attribute("id")
    await box.press("Enter")
    await expect(page).to_have_url(re.compile("/entries/fastapi-async-endpoints"))


async def test_a_tag_is_completed_to_its_filter_with_the_mouse(visitors: Visitors) -> None:
    page = await visitors.open()
    options = await type_into_the_box(page, "asyn")
    await options.filter(has_text=re.compile(r"^asyncio\s*tag$")).click()
    await expect(page).to_have_url(re.compile(r"\?q=tag%3Aasyncio$"))
    await expect(page.locator("#results article")).not_to_have_count(0)


async def test_escape_closes_the_completions_and_keeps_the_text(visitors: Visitors) -> None:
    page = await visitors.open("/sign-in")
    options = await type_into_the_box(page, "asyn")
    await box_of(page).press("ArrowDown")
    await box_of(page).press("Escape")
    await expect(options).to_have_count(0)
    await expect(box_of(page)).to_have_value("asyn")
    await box_of(page).press("Enter")
    await expect(page).to_have_url(re.compile(r"/\?q=asyn$"))


async def test_enter_searches_while_no_completion_is_chosen(visitors: Visitors) -> None:
    page = await visitors.open("/sign-in")
    await type_into_the_box(page, "asyn")
    await box_of(page).press("Enter")
    await expect(page).to_have_url(re.compile(r"/\?q=asyn$"))


async def test_arrows_walk_through_the_results_and_back(visitors: Visitors) -> None:
    page = await visitors.open("/?q=event+loop")
    titles = page.locator("#results article h2 a")
    await box_of(page).focus()
    for place in (0, 1):
        await page.keyboard.press("ArrowDown")
        await expect(titles.nth(place)).to_be_focused()
    for _ in range(2):
        await page.keyboard.press("ArrowUp")
    await expect(box_of(page)).to_be_focused()


@pytest.mark.parametrize("letter", ["a", "\N{CJK UNIFIED IDEOGRAPH-4E00}", "\N{PILE OF POO}"])
async def test_a_pasted_log_is_searched_for_by_its_ends(visitors: Visitors, letter: str) -> None:
    page = await visitors.open("/sign-in")
    box = box_of(page)
    await box.fill(f"FirstError: here {letter * 12_000} LastError: there")
    await expect(page.get_by_text("its beginning and its end are searched for")).to_be_visible()
    await box.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("FirstError")
    kept = await box.input_value()
    assert kept.startswith("FirstError: here")
    assert kept.endswith("LastError: there")
    assert len(page.url) < 7_000
