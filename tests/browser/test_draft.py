"""What is typed into a form stays in the browser until it is sent."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Dialog, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.test_conflict import save_as_somebody_else
from tests.browser.test_journey import ENTRY
from tests.servers import Server

pytestmark = pytest.mark.browser

PUT_BACK = re.compile("Your unsaved text from .* was put back")
SUGGESTED = re.compile("/review/[0-9]+$")
NOTE = ".put-back"
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('kb-draft '))"


@pytest.fixture
def javascript() -> bool:
    """Without scripts nothing is kept."""
    return True


@pytest.fixture(scope="module")
def server(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all: drafts are the browsers'."""
    data = tmp_path_factory.mktemp("drafts") / "data"
    shutil.copytree(starter_data, data)
    with Server(data) as running:
        yield running


async def type_and_leave(page: Page, why: str) -> None:
    """Type into the form, wait until that is kept, and close the tab."""
    await page.get_by_label("Why", exact=True).fill(why)
    await expect(page.get_by_text("What you type is kept in this browser")).to_be_visible()
    await page.close()


async def kept(page: Page) -> int:
    """Return how many drafts the browser holds."""
    return len(await page.evaluate(DRAFTS))


async def test_what_was_typed_is_put_back_and_gone_once_it_is_sent(visitors: Visitors) -> None:
    first = await visitors.open(f"{ENTRY}/revise")
    await first.get_by_role("group", name="Gotchas").get_by_role("button", name="Add").click()
    await first.get_by_label("Gotcha 11").fill("One more.")
    await type_and_leave(first, "Because of wombats.")

    page = await first.context.new_page()
    await page.goto(f"{ENTRY}/revise")
    await expect(page.locator(NOTE)).to_have_text(PUT_BACK)
    await expect(page.get_by_label("Why", exact=True)).to_have_value("Because of wombats.")
    await expect(page.get_by_label("Gotcha 9")).to_have_value("One more.")
    assert await kept(page) == 1
    await page.get_by_label("Title").fill("short")
    await page.get_by_role("button", name="Suggest").click()
    await expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert await kept(page) == 1
    await page.get_by_label("Title").fill("Long enough to be taken")
    await page.get_by_role("button", name="Suggest").click()
    await expect(page).to_have_url(SUGGESTED)
    assert await kept(page) == 0


async def test_what_was_put_back_can_be_discarded(visitors: Visitors) -> None:
    first = await visitors.open(f"{ENTRY}/revise")
    before = await first.get_by_label("Why", exact=True).input_value()
    await type_and_leave(first, "Because of wombats.")
    page = await first.context.new_page()
    await page.goto(f"{ENTRY}/revise")
    await page.get_by_role("button", name="Discard it").click()
    await expect(page.get_by_label("Why", exact=True)).to_have_value(before)
    await expect(page.locator(NOTE)).to_have_count(0)
    await page.reload()
    await expect(page.get_by_label("Why", exact=True)).to_have_value(before)
    assert await kept(page) == 0


async def test_two_tabs_on_one_form_keep_a_text_each(visitors: Visitors) -> None:
    one = await visitors.open("/entries/new")
    await one.get_by_label("Problem").fill("The problem of the first tab.")
    await expect(one.get_by_text("What you type is kept")).to_be_visible()
    other = await one.context.new_page()
    await other.goto("/entries/new")
    await other.get_by_label("Problem").fill("The problem of the second tab.")
    await expect(other.get_by_text("What you type is kept")).to_be_visible()
    assert await kept(one) == 2
    await one.reload()
    await expect(one.get_by_label("Problem")).to_have_value("The problem of the first tab.")


async def test_a_text_that_began_before_somebody_elses_change_is_merged_with_it(
    visitors: Visitors, server: Server
) -> None:
    owner = await visitors.open(server.link)
    form = await owner.context.new_page()
    await form.goto(f"{ENTRY}/revise")
    await save_as_somebody_else(owner, {"Context": "Theirs: on Tuesdays."})
    await type_and_leave(form, "Mine: because of wombats.")
    await owner.goto(f"{ENTRY}/revise")
    await expect(owner.locator(NOTE)).to_contain_text("The entry has changed since")
    await owner.get_by_role("button", name="Save").click()
    for text in ("Mine: because of wombats.", "Theirs: on Tuesdays."):
        await expect(owner.get_by_role("article").get_by_text(text)).to_be_visible()


async def test_leaving_warns_only_with_unsaved_text(visitors: Visitors) -> None:
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page = await visitors.open(f"{ENTRY}/revise")
    page.on("dialog", leave)
    why = page.get_by_label("Why", exact=True)
    await why.press("End")
    await page.get_by_role("link", name="Cancel").click()
    await expect(page).to_have_url(re.compile(f"{ENTRY}$"))
    assert asked == []
    await page.go_back()
    await why.fill("Because of wombats.")
    await page.get_by_role("link", name="Cancel").click()
    await expect(page).to_have_url(re.compile(f"{ENTRY}$"))
    assert asked == ["beforeunload"]


async def test_a_form_is_sent_once_however_often_its_button_is_pressed(visitors: Visitors) -> None:
    page = await visitors.open("/entries/new")
    await page.get_by_label("Title").fill("Pressed twice by somebody impatient")
    await page.get_by_role("combobox", name="Tags").fill("patience")
    await page.get_by_label("Problem").fill("It was pressed twice.")
    await page.get_by_role("button", name="Suggest").dblclick()
    await expect(page).to_have_url(SUGGESTED)
    first = int(page.url.rpartition("/")[2])
    await page.goto(f"/review/{first + 1}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Not found")


async def test_a_preview_beside_the_text_follows_the_typing(visitors: Visitors) -> None:
    page = await visitors.open("/entries/new")
    await page.set_viewport_size({"width": 1440, "height": 800})
    problem = page.get_by_label("Problem")
    await problem.fill("It **stalls**.")
    preview = page.get_by_role("region", name="Preview")
    await expect(preview.locator("strong", has_text="stalls")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
    box, text = await preview.bounding_box(), await problem.bounding_box()
    assert box
    assert text
    assert box["x"] > text["x"] + text["width"]


async def test_what_a_preview_asks_for_is_not_replaced_by_what_was_typed_before(
    visitors: Visitors,
) -> None:
    page = await visitors.open("/entries/new")
    await page.set_viewport_size({"width": 1440, "height": 800})
    await page.get_by_label("Problem").fill("It stalls.")
    await page.get_by_role("button", name="Preview").click()
    wanted = page.get_by_role("alert").filter(has_text="Please look at")
    await expect(wanted).to_be_visible()
    await page.wait_for_timeout(1_000)  # more than passes until a preview follows the typing
    await expect(wanted).to_be_visible()


async def test_tags_that_there_are_are_offered_for_the_last_one(visitors: Visitors) -> None:
    page = await visitors.open("/entries/new")
    tags = page.get_by_role("combobox", name="Tags")
    await tags.fill("first, async")
    offered = page.locator("#known-tags option")
    await expect(offered.filter(has_text=re.compile("^asyncio$"))).to_have_attribute(
        "value", "first, asyncio"
    )
    await tags.fill("first, asyncio, sq")
    await expect(offered.filter(has_text=re.compile("^sqlite$"))).to_have_count(1)
    assert await offered.filter(has_text="asyncio").count() == 0
