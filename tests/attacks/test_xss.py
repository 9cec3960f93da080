"""No script that somebody writes ever runs, in a real browser, on any page that shows it.

The Content-Security-Policy would stop most of them, so each page also reports what it stopped:
one report means that markup got where text should be.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import browser as browser  # noqa: PLC0414 (a fixture)
from tests.servers import Server, kb

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    '"><script>window.pwned=1</script>',
    "'\"><img src=x onerror=window.pwned=1>",
    "</title></textarea></script><script>window.pwned=1</script>",
    '" onmouseover=window.pwned=1 autofocus onfocus=window.pwned=1 x="',
    "[x](javascript:window.pwned=1) ![y](javascript:window.pwned=1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<style>body{background:url(//evil.example/x)}</style>",
    "<base href=//evil.example/><form action=//evil.example/>",
    "javascript:window.pwned=1",
    "<mark onclick=window.pwned=1>x</mark>",
    "<!--><img src=x onerror=window.pwned=1>-->",
    "`<img src=x onerror=window.pwned=1>`",
]
ALL = " ".join(PAYLOADS)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => { window.pwned = 1; };
"""


def entry(payload: str) -> dict[str, object]:
    """Return an entry with the payload in every field that takes one."""
    short = payload[:150]
    return {
        "title": f"Title {short}",
        "language": payload[:50],
        "framework": payload[:50],
        "environment": [payload[:50]],
        "tags": ["xss"],
        "keywords": [short],
        "error_messages": [ALL],
        "problem": f"{ALL}\n\n```{payload[:60]}\n{ALL}\n```\n\n| {payload} |\n|---|\n| {payload} |",
        "solution": f"# {payload}\n\n> {payload}\n\n<div>\n{payload}\n</div>",
        "why": payload,
        "gotchas": [payload, ALL],
        "context": payload,
        "applies_to": short,
        "references": [f"https://example.com/?{quote(payload, safe=chr(39))}"],
        "summary": payload[:200],
    }


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose every entry, suggestion, report and review is an attack."""
    data = tmp_path_factory.mktemp("xss") / "data"
    with Server(data, KB_WRITES_PER_HOUR="0", KB_SEARCHES_PER_MINUTE="0") as server:
        token = kb(data, "token", "create", "attacker", "--role", "owner").stdout.strip()
        owner = {"authorization": f"Bearer {token}"}
        fill(server, owner)
        yield server


def fill(server: Server, owner: dict[str, str]) -> None:
    client, api = server.client, "/api/v1"
    for payload in PAYLOADS:
        made = client.post(f"{api}/entries", json=entry(payload), headers=owner).json()
        if "held" in made:
            accepted = client.post(f"{api}/suggestions/{made['id']}/accept", headers=owner)
            made = {"slug": accepted.json()["entry"]}
        address = f"{api}/entries/{made['slug']}"
        change = {"base": 1, "why": f"{ALL} again", "summary": payload[:200]}
        client.post(f"{address}/revisions", json=change, headers=owner)
        wish = {"base": 1, "context": f"{ALL} suggested", "summary": payload[:200]}
        suggested = client.post(f"{address}/revisions", json=wish).json()
        report = {"holds": False, "version": payload[:60], "note": payload[:200]}
        client.post(f"{address}/reports", json=report)
        if payload == PAYLOADS[0]:
            reject = f"{api}/suggestions/{suggested['id']}/reject"
            client.post(reject, json={"reason": payload}, headers=owner)
        if payload == PAYLOADS[1]:
            client.post(f"{address}/archive", json={"reason": payload}, headers=owner)


@pytest.fixture
async def page(browser: Browser, attacked: Server) -> AsyncIterator[Page]:
    """A page of a signed-in owner that notes what a script does, and what the policy stops."""
    context = await browser.new_context(base_url=attacked.base)
    await context.add_init_script(WATCH)
    opened = await context.new_page()
    await opened.goto(attacked.link)
    yield opened
    await context.close()


async def harmless(page: Page, address: str) -> None:
    """Open the page, touch what is on it, and hold that nothing of the attack came to life."""
    await page.goto(address, wait_until="load")
    await page.evaluate(
        "document.querySelectorAll('main *').forEach((one) => {"
        "  for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load'])"
        "    one.dispatchEvent(new Event(kind)); })"
    )
    found = await page.evaluate(
        "[window.pwned, window.violations, document.querySelectorAll("
        "'iframe, base, main script, main style, main [style], [onerror], [onload], [onclick],"
        " [onmouseover], [onfocus], a[href^=javascript]').length]"
    )
    assert found == [None, [], 0], address
    assert page.url.startswith("http://127.0.0.1"), page.url


async def test_nothing_stored_runs(page: Page, attacked: Server) -> None:
    listed = attacked.client.get("/api/v1/entries?tag=xss&limit=100").json()["items"]
    assert len(listed) >= len(PAYLOADS) - 1
    waiting = attacked.client.get("/api/v1/suggestions?limit=100&status=all").json()["items"]
    assert len(waiting) >= len(PAYLOADS)
    slugs = [one["slug"] for one in listed]
    part = slugs[:: max(len(slugs) // 5, 1)]
    pages = ["/", "/?tag=xss", "/?q=window", "/tags", "/stats", "/activity", "/review", "/account"]
    pages += [f"/entries/{slug}" for slug in slugs]
    for slug in part:
        ways = ("revisions", "revisions/1", "compare/1...2", "revise", "related")
        pages += [f"/entries/{slug}/{way}" for way in ways]
    numbers = [one["id"] for one in waiting]
    pages += [f"/review/{number}" for number in numbers[:: max(len(numbers) // 8, 1)]]
    for address in pages:
        await harmless(page, address)


async def test_an_attack_that_got_through_would_be_noticed(page: Page) -> None:
    await page.goto("/")
    for payload in ("<img src=x onerror=window.pwned=1>", "<p style='color:red'>"):
        await page.evaluate("(html) => { document.body.innerHTML += html; }", payload)
        await page.wait_for_function("window.violations.length > 0")
        await page.evaluate("window.violations = []")


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_nothing_reflected_runs(page: Page, payload: str) -> None:
    said = quote(payload, safe="")
    for address in (
        f"/?q={said}&tag={said}&language={said}&category={said}&sort={said}&page={said}",
        f"/{said}",
        f"/entries/{said}",
        f"/entries/x/compare/{said}...{said}",
        f"/entries/new?title={said}",
        f"/review?cursor={said}",
        f"/activity?author={said}&tag={said}",
        f"/sign-in?token={said}&next={said}",
        f"/problems/{said}",
        f"/tags?q={said}",
    ):
        await harmless(page, address)


async def test_nothing_typed_runs_in_the_form_and_its_preview(page: Page) -> None:
    await page.goto("/entries/new")
    for box in await page.locator("main input[type=text], main textarea").all():
        await box.fill(ALL[:150])
    await page.get_by_role("button", name=re.compile("Preview")).first.click()
    await page.wait_for_load_state()
    found = await page.evaluate("[window.pwned, window.violations]")
    assert found == [None, []]


def test_the_api_sends_no_html(attacked: Server) -> None:
    """A browser that is led to the API itself must not read what is written there as a page."""
    for address in ("/api/v1/entries?tag=xss", f"/api/v1/search?q={quote(ALL)}", "/api/v1/x<svg>"):
        answer = attacked.client.get(address)
        kind = answer.headers["content-type"]
        assert kind in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        json.loads(answer.content)


def test_snippets_mark_words_and_nothing_else(attacked: Server) -> None:
    found = attacked.client.get("/api/v1/search?q=window+pwned+onerror").json()["items"]
    assert found
    for one in found:
        assert set(re.findall(r"<[^>]*>?", one["snippet"])) <= {"<mark>", "</mark>"}
