"""Browsing in place: facets, back and forward, failures; and nothing that jumps."""

import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser

WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def javascript() -> bool:
    """Without scripts these are links, which the tests of the pages follow."""
    return True


async def test_facets_are_chosen_in_place_and_back_takes_them_off(visitors: Visitors) -> None:
    page = await visitors.open("/?q=session")
    facet = page.locator("#facet-severity").get_by_role("link", name="major")
    before = await facet.bounding_box()
    await facet.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"\?q=session&severity=major$"))
    await expect(facet).to_have_attribute("aria-current", "true")
    await expect(facet).to_be_focused()
    assert await facet.bounding_box() == before
    await page.locator("#facet-severity").get_by_role("link", name="critical").click()
    await expect(page).to_have_url(re.compile("severity=major&severity=critical$"))
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"\?q=session&severity=major$"))
    await expect(
        page.locator("#facet-severity").get_by_role("link", name="critical")
    ).not_to_have_attribute("aria-current", "true")
    await page.go_back()
    await expect(page.get_by_role("list", name="Chosen filters")).to_have_count(0)
    await page.go_forward()
    await expect(facet).to_have_attribute("aria-current", "true")
    await expect(page.locator("#q")).to_have_value("session")


async def test_typing_and_reading_shift_nothing(visitors: Visitors) -> None:
    page = await visitors.open("/sign-in")
    await page.context.add_init_script(WATCH)
    await page.goto("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("event loop")
    await expect(page).to_have_url(re.compile(r"\?q=event\+loop$"))
    first = page.locator("#results article").first
    completions, result = page.locator("#completions"), await first.bounding_box()
    if box := await completions.bounding_box():
        assert result
        assert box["y"] + box["height"] <= result["y"]
    assert await page.evaluate("window.shifted") == 0
    await first.get_by_role("link").first.click()
    related = page.locator(".related-found")
    await related.scroll_into_view_if_needed()
    await expect(related.get_by_role("listitem")).not_to_have_count(0)
    assert await page.evaluate("window.shifted") == 0


async def test_a_search_that_fails_says_so_in_place_and_is_tried_again(visitors: Visitors) -> None:
    async def busy(route: Route) -> None:
        await route.fulfill(status=503, body="<p>Busy</p>")

    page = await visitors.open("/?q=session")
    shown = await page.locator("#results article").count()
    await page.route("**/?q=event", busy)
    await page.locator("#q").fill("event")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("could not answer (503)")
    assert await page.locator("#results article").count() == shown
    assert page.url.endswith("?q=session")
    await page.unroute("**/?q=event")
    await alert.get_by_role("button", name="Try again").click()
    await expect(page).to_have_url(re.compile(r"\?q=event$"))
    await expect(alert).to_have_count(0)


async def test_arrows_go_on_from_the_completions_into_the_results(visitors: Visitors) -> None:
    page = await visitors.open()
    await page.keyboard.type("asyncio")
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    await expect(options).not_to_have_count(0)
    await expect(page).to_have_url(re.compile(r"\?q=asyncio$"))
    for _ in range(await options.count() + 1):
        await page.keyboard.press("ArrowDown")
    await expect(page.locator("#results article h2 a").first).to_be_focused()
    await expect(options).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/entries/.+\?q=asyncio$"))
    place = page.get_by_role("navigation", name="Search results")
    title = await page.get_by_role("heading", level=1).inner_text()
    await place.get_by_role("link", name="Next").click()
    await expect(place.get_by_role("link", name=f"Previous: {title}")).to_be_visible()
    await place.get_by_role("link", name="Results").click()
    await expect(page).to_have_url(re.compile(r"/\?q=asyncio$"))


async def test_code_is_copied_and_its_lines_wrapped(visitors: Visitors) -> None:
    page = await visitors.open("/?q=blocks+the+event+loop")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.locator("#results article h2 a").first.click()
    figure = page.locator("figure.code").first
    await figure.get_by_role("button", name="Copy").click()
    await expect(figure.get_by_role("button", name="Copied")).to_be_visible()
    code = await figure.locator("code").text_content()
    assert await page.evaluate("navigator.clipboard.readText()") == code
    wrap = figure.get_by_role("button", name="Wrap")
    await wrap.click()
    await expect(wrap).to_have_attribute("aria-pressed", "true")
    await expect(figure.locator("pre")).to_have_css("white-space-collapse", "preserve")
    await expect(figure.locator("pre")).to_have_css("text-wrap-mode", "wrap")
