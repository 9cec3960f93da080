"""How two revisions stand on the page: side by side where there is room, else one column."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import FloatRect, Locator

from tests.browser.conftest import Visitors
from tests.servers import Server, kb

pytestmark = pytest.mark.browser

NARROW, WIDE = 360, 1440
VALUES = {
    "slug": "compared",
    "title": "Two states of an entry are compared",
    "tags": ["comparison"],
    "problem": "A line that stays.\n\nA line that was there.\n\nAnother that stays.",
}


@pytest.fixture
def server(starter_data: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with an entry of two revisions, one line of which differs."""
    data, file = tmp_path / "data", tmp_path / "compared.ndjson"
    shutil.copytree(starter_data, data)
    for problem in (VALUES["problem"], str(VALUES["problem"]).replace("was there", "is here")):
        file.write_text(json.dumps(VALUES | {"problem": problem}))
        assert kb(data, "import", str(file)).returncode == 0
    with Server(data) as running:
        yield running


@pytest.fixture
def javascript() -> bool:
    """Scripts lay nothing out."""
    return True


async def boxes(row: Locator) -> list[FloatRect]:
    """Return where the lines of a row stand, those that can be seen."""
    found = [await line.bounding_box() for line in await row.locator("> .line").all()]
    return [box for box in found if box]


@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_two_revisions_are_side_by_side_where_there_is_room_else_one_below_the_other(
    visitors: Visitors, width: int
) -> None:
    page = await visitors.open()
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto("/entries/compared/compare/1...2")
    rows = page.locator(".diff-lines .row")
    changed = await boxes(rows.filter(has_text="was there"))
    same = await boxes(rows.filter(has_text="A line that stays"))
    old, new = changed
    if width == WIDE:
        for left, right in (changed, same):
            assert left["y"] == right["y"]
            assert right["x"] >= left["x"] + left["width"]
            assert right["width"] == pytest.approx(left["width"], abs=2)
    else:
        assert len(same) == 1
        assert new["x"] == old["x"] == same[0]["x"]
        assert new["y"] >= old["y"] + old["height"]
