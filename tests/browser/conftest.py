"""A real server and a real Chromium; skipped, with the reason, where there is none."""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from tests.servers import Server

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]

PATIENCE = 20_000
"""Milliseconds: a server's first search starts its workers, which takes long on a busy machine."""
expect.set_options(timeout=PATIENCE)


def sandbox() -> list[str]:
    """Return what Chromium needs as root: its sandbox refuses to run then."""
    return [] if os.geteuid() else ["--no-sandbox"]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS + sandbox()
        )
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def starter_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first start leaves it, for copying."""
    folder = tmp_path_factory.mktemp("started") / "data"
    with Server(folder) as running:
        running.end(signal.SIGTERM)
    return folder


@pytest.fixture
def server(starter_data: Path, tmp_path: Path) -> Iterator[Server]:
    """`kb serve` on a data folder of the test's own, starter entries loaded."""
    shutil.copytree(starter_data, tmp_path / "data")
    with Server(tmp_path / "data") as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Say whether the browsers of this test run scripts."""
    return bool(request.param)


class Visitors:
    """Opens pages in browsers of their own and notes what went wrong in them."""

    def __init__(self, browser: Browser, server: Server, *, javascript: bool) -> None:
        self._browser = browser
        self._server = server
        self._javascript = javascript
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def open(self, path: str = "/") -> Page:
        """Return a page of a new visitor, at this path."""
        context = await self._browser.new_context(
            base_url=self._server.base, java_script_enabled=self._javascript
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        # Errors of scripts, and what the Content-Security-Policy refused, come here.
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        await page.goto(path)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        # A page with an error status is said to have failed to load; the tests know of those.
        if message.type == "error" and "server responded with a status" not in message.text:
            self.complaints.append(message.text)

    async def close(self) -> None:
        """Close every browser window."""
        for context in self._contexts:
            await context.close()


@pytest.fixture
async def visitors(browser: Browser, server: Server, javascript: bool) -> AsyncIterator[Visitors]:
    """People with browsers; no script may fail in any of them."""
    opened = Visitors(browser, server, javascript=javascript)
    yield opened
    await opened.close()
    assert opened.complaints == []
