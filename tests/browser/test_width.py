"""No page is wider than the window it is seen in, whatever people have written."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Visitors
from tests.servers import Server, kb

pytestmark = pytest.mark.browser

NARROW, WIDE = 360, 1440
UNBROKEN = {
    "slug": "unbroken",
    "title": "x" * 200,
    "language": "l" * 50,
    "framework": "f" * 50,
    "tags": [f"{number}{'t' * 48}" for number in range(10, 30)],
    "problem": f"{'p' * 900}\n\n`{'c' * 300}`\n\n```\n{'k' * 300}\n```\n\n# {'h' * 200}",
    "solution": f"| a | b |\n|---|---|\n| {'m' * 300} | n |",
    "gotchas": ["g" * 300],
    "keywords": ["w" * 200],
    "error_messages": ["E" * 400],
    "environment": ["e" * 50],
    "applies_to": "v" * 200,
    "references": [f"https://a.example/{'r' * 300}"],
}
PAGES = [
    "/",
    "/?sort=newest",
    f"/?q={'x' * 300}",
    f"/?q={'x' * 200}&tag={'t' * 50}&framework={'f' * 50}",
    "/entries/unbroken",
    "/entries/unbroken/revise",
    "/entries/unbroken/revisions",
    "/entries/unbroken/revisions/1",
    "/entries/unbroken/compare/1...2",
    f"/entries/new?title={'x' * 200}",
    "/review",
    "/sign-in",
    f"/nowhere/{'x' * 300}",
]


@pytest.fixture
def javascript() -> bool:
    """Scripts lay nothing out."""
    return True


@pytest.fixture
def server(starter_data: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with an entry of two revisions in which no word ends."""
    data, file = tmp_path / "data", tmp_path / "unbroken.ndjson"
    shutil.copytree(starter_data, data)
    for changes in ({}, {"why": "y" * 500, "title": "z" * 200}):
        file.write_text(json.dumps(UNBROKEN | changes))
        assert kb(data, "import", str(file)).returncode == 0
    with Server(data) as running:
        yield running


@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_no_page_scrolls_sideways(visitors: Visitors, width: int) -> None:
    page = await visitors.open()
    await page.set_viewport_size({"width": width, "height": 800})
    for address in PAGES:
        await page.goto(address)
        found = await page.evaluate("document.documentElement.scrollWidth")
        assert found <= width, f"{address} is {found} pixels wide"
