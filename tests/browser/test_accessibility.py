"""Every page as axe-core sees it: in both themes, on a phone and on a wide screen."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, BrowserContext, Page

from tests.servers import Server
from tests.walk import furnish, walk

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "tools" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [(1440, "light"), (1440, "dark"), (360, "dark"), (360, "light")]
RUN = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap((one) =>
  one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""
"""What axe finds, with all of its rules, best practices too."""
SETTLED = (
    """async () => { await Promise.all(document.getAnimations().map((one) => one.finished)); }"""
)


@dataclass
class Stage:
    """A server with something of everything, its owner's browser, and the fullest entry."""

    base: str
    owner: BrowserContext
    cookies: dict[str, str]
    slug: str


@pytest.fixture(scope="module")
async def stage(
    browser: Browser, starter_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """One for all pages; axe gets in past the Content-Security-Policy."""
    data = tmp_path_factory.mktemp("axe") / "data"
    shutil.copytree(starter_data, data)
    with Server(data) as server:
        context = await browser.new_context(base_url=server.base, bypass_csp=True)
        await (await context.new_page()).goto(server.link)
        cookies = {one["name"]: one["value"] for one in await context.cookies()}
        async with (
            AsyncClient(base_url=server.base, cookies=cookies) as owner,
            AsyncClient(base_url=server.base) as visitor,
        ):
            slug = await furnish(owner, visitor)
        yield Stage(server.base, context, cookies, slug)
        await context.close()


async def violations(page: Page, name: str) -> list[str]:
    """Return what axe finds on the page, in every look, each once."""
    await page.add_script_tag(path=AXE)
    found: dict[str, str] = {}
    for width, theme in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await page.evaluate(SETTLED)
        for fault in await page.evaluate(RUN):
            found.setdefault(fault, f"{name}, {width}, {theme}: {fault}")
    return list(found.values())


async def fill(page: Page, texts: dict[str, str]) -> None:
    """Fill the entry form's fields and save."""
    for name, text in texts.items():
        await page.locator(f"#entry-form [name={name}]").first.fill(text)
    await page.get_by_role("button", name="Save").click()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make tools)")
async def test_axe_finds_no_violation_on_any_page(stage: Stage) -> None:
    async with AsyncClient(base_url=stage.base, cookies=stage.cookies) as client:
        addresses = [*await walk(client, stage.slug)]
    page = await stage.owner.new_page()
    found = []
    for address in addresses:
        await page.goto(address)
        found += await violations(page, address)
    assert len(addresses) > 25, addresses
    assert found == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make tools)")
async def test_axe_finds_no_violation_in_what_forms_answer(stage: Stage) -> None:
    slug = stage.slug
    page, other = await stage.owner.new_page(), await stage.owner.new_page()
    for one in (page, other):
        await one.goto(f"/entries/{slug}/revise")
    found = await violations(page, "preview")
    await fill(page, {"title": "short", "tags": "no such tag!"})
    await page.get_by_text("Not saved yet").wait_for()
    found += await violations(page, "mistakes")
    await fill(other, {"why": "Theirs", "context": "Theirs"})
    await other.wait_for_url(f"**/entries/{slug}")
    await fill(page, {"title": "Long enough", "tags": "a", "why": "Mine", "context": "Mine"})
    await page.get_by_role("group", name="Why: the three texts").wait_for()
    found += await violations(page, "conflict")
    await page.goto("/entries/new")
    await fill(
        page, {"title": "Sleeping in an endpoint stalls others", "tags": "a", "problem": "b"}
    )
    await page.get_by_text("Not sent yet").wait_for()
    found += await violations(page, "similar entries")
    assert found == []
