"""A page of another site, in the browser of somebody who is signed in here, gets nothing done."""

from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from httpx2 import Client
from playwright.async_api import Browser, BrowserContext

from tests.servers import PATIENCE, Server

pytestmark = pytest.mark.browser

FORM = """
<form method="post" action="{base}{path}" {kind}>
  <input name="title" value="Written by another site"><input name="value" value="1">
</form>
<script>document.forms[0].submit()</script>
"""
FETCH = """
<script>
  fetch("{base}{path}", {{
    method: "POST", mode: "{mode}", credentials: "include",
    headers: {{"content-type": "{kind}"}}, body: '{{"value": 1, "title": "Written elsewhere"}}',
  }}).then(
    (answer) => document.title = "answered " + answer.status, () => document.title = "refused"
  );
</script>
"""
FRAME = '<iframe src="{base}{path}"></iframe>'


@pytest.fixture
def foreign() -> Iterator[tuple[str, dict[str, str]]]:
    """A server of another site: its port, and its pages by path."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port), pages
        server.shutdown()
        thread.join()


@pytest.fixture
async def victim(browser: Browser, server: Server) -> AsyncIterator[BrowserContext]:
    """A browser in which the owner has signed in."""
    context = await browser.new_context(base_url=server.base)
    page = await context.new_page()
    await page.goto(server.link)
    assert await page.get_by_role("button", name="Sign out").is_visible()
    yield context
    await context.close()


def slug_of(server: Server) -> str:
    """Return the slug of an entry that is there."""
    return str(server.client.get("/api/v1/entries?limit=1").json()["items"][0]["slug"])


# A port of the same host is the same site: cookies go along, and only the origin tells.
@pytest.mark.parametrize("host", ["127.0.0.1", "other.localhost"])
async def test_a_form_of_another_site_changes_nothing(
    victim: BrowserContext, server: Server, foreign: tuple[str, dict[str, str]], host: str
) -> None:
    port, pages = foreign
    slug = slug_of(server)
    targets = [f"/entries/{slug}/vote", f"/entries/{slug}/archive", "/sign-out", "/account/tokens"]
    page = await victim.new_page()
    for path in targets:
        for kind in ("", 'enctype="text/plain"', 'enctype="multipart/form-data"'):
            pages["/"] = FORM.format(base=server.base, path=path, kind=kind)
            async with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
                await page.goto(f"http://{host}:{port}/")
            assert (await sent.value).status == 403

    await page.goto(f"/entries/{slug}")
    assert await page.get_by_role("button", name="Sign out").is_visible()
    assert server.client.get(f"/api/v1/entries/{slug}").json()["votes"] == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "other.localhost"])
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("no-cors", "text/plain"), ("cors", "text/plain"), ("cors", "application/json")],
)
async def test_a_script_of_another_site_changes_nothing(
    victim: BrowserContext,
    server: Server,
    foreign: tuple[str, dict[str, str]],
    host: str,
    mode: str,
    kind: str,
) -> None:
    port, pages = foreign
    slug = slug_of(server)
    path = f"/api/v1/entries/{slug}/votes"
    pages["/"] = FETCH.format(base=server.base, path=path, mode=mode, kind=kind)
    page = await victim.new_page()

    await page.goto(f"http://{host}:{port}/")
    await page.wait_for_function("document.title")

    assert await page.title() in {"refused", "answered 0"}
    assert server.client.get(f"/api/v1/entries/{slug}").json()["votes"] == 0


async def test_a_page_of_another_site_shows_none_of_ours_in_a_frame(
    victim: BrowserContext, server: Server, foreign: tuple[str, dict[str, str]]
) -> None:
    port, pages = foreign
    page = await victim.new_page()
    for path in ("/", "/account", "/sign-in"):
        pages["/"] = FRAME.format(base=server.base, path=path)
        await page.goto(f"http://127.0.0.1:{port}/")
        for frame in page.frames[1:]:
            assert "kb" not in await frame.title()


async def test_a_name_that_was_led_here_is_not_believed(browser: Browser, server: Server) -> None:
    page = await browser.new_page()
    rebound = server.base.replace("127.0.0.1", "rebound.localhost")

    answer = await page.goto(f"{rebound}/api/v1/entries")

    assert answer
    assert answer.status == 421
    await page.close()


def test_a_password_link_is_not_used_up_by_an_image(server: Server) -> None:
    embedded = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    with Client(base_url=server.base, timeout=PATIENCE) as client:
        client.get(server.link, headers=embedded | {"sec-fetch-dest": "image"})
        assert not client.cookies
        client.get(server.link, headers={"sec-purpose": "prefetch"})
        assert not client.cookies
        client.get(server.link, headers=embedded | {"sec-fetch-mode": "navigate"})
        assert "kb_session" in client.cookies
