"""What cannot be answered gets a clear page; what is hostile is shown and does nothing."""

from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.requests import Request

from kb.errors import KbError
from kb.runtime import Runtime
from kb.web.errors import error_page
from tests.factories import create_entry
from tests.web.pages import get_page, parsed, send, sent_to
from tests.web.test_new_entry import draft

SCRIPT = '<script>alert("x")</script>'


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/entries/none", 404),
        ("/entries/none.md", 404),
        ("/entries/none/revise", 404),
        ("/entries/none/revisions", 404),
        ("/entries/none/revisions/1", 404),
        ("/entries/none/compare/1...2", 404),
        ("/entries/none/compare/1...x", 422),
        ("/entries/none/compare/1", 404),
        ("/entries/none/compare?a=1", 422),
        ("/entries/none/revisions/0", 422),
        ("/entries/none/revisions/" + "9" * 40, 422),
        ("/entries/%3Cscript%3E", 404),
        ("/entries/%ff", 400),
        ("/?q=%ff", 400),
        ("/review/1", 404),
        ("/review/x", 422),
        ("/review/" + "9" * 40, 422),
        ("/?page=2", 404),
        ("/?page=0", 422),
        ("/?sort=colour", 422),
        ("/?colour=red", 422),
        ("/?category=x&severity=y", 422),
        ("/sign-in?token=wrong", 401),
    ],
)
async def test_a_bad_address_gets_a_page_that_says_so(
    onlooker: AsyncClient, address: str, status: int
) -> None:
    answer = await onlooker.get(address)
    page = parsed(answer, status)
    assert "/" in page.links.values()
    assert "search" in page.forms
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"]


async def test_an_unknown_filter_is_told_what_there_is(client: AsyncClient) -> None:
    page = await get_page(client, "/?colour=red", status=422)
    assert "q, category, severity, language, framework, tag, sort, page" in page.text
    both = await get_page(client, "/?category=x&sort=y", status=422)
    assert "gotcha, pattern, principle, snippet or debug" in both.text
    assert "relevance, newest, updated, votes or views" in both.text


async def test_an_unknown_revision_names_those_there_are(
    client: AsyncClient, owner: AsyncClient
) -> None:
    slug = (await create_entry(owner))["slug"]
    for address in (f"/entries/{slug}/revisions/7", f"/entries/{slug}/compare/1...7"):
        assert "revisions 1 to 1" in (await get_page(client, address, status=404)).text


async def test_a_script_in_every_field_is_shown_and_harmless(
    client: AsyncClient, owner: AsyncClient, runtime: Runtime
) -> None:
    fields = await draft(
        client,
        title=f"{SCRIPT} in the title",
        language=SCRIPT,
        framework=SCRIPT,
        environment=SCRIPT,
        keywords=SCRIPT,
        error_messages=SCRIPT,
        problem=f"{SCRIPT}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>",
        solution=SCRIPT,
        why=SCRIPT,
        gotchas=SCRIPT,
        context=SCRIPT,
        applies_to=SCRIPT,
        references="https://a.example/?<script>",
        summary=SCRIPT,
    )
    suggestion = sent_to(await send(client, "/entries", fields))
    pages = ["/review", suggestion]
    for address in pages:
        await check_harmless(owner, address)
    await send(owner, f"{suggestion}/accept", [])
    entry = (await get_page(owner, suggestion)).links["See the entry"]
    form = (await get_page(owner, f"{entry}/revise")).forms["entry-form"]
    await send(owner, form.action, form.filled(why=f"{SCRIPT} twice {SCRIPT}"))
    stale = await send(owner, form.action, form.filled(why="mine"))
    assert stale.status_code == 409
    assert "<script>alert" not in stale.text
    for address in ("", "/revise", "/revisions", "/revisions/1", "/compare/1...2"):
        await check_harmless(owner, f"{entry}{address}")
    await runtime.indexer.drain()
    for address in ("/", f"/?q={SCRIPT}", "/?q=alert", f"/entries/new?title={SCRIPT}", suggestion):
        await check_harmless(owner, address)


async def check_harmless(client: AsyncClient, address: str) -> None:
    """Check that what looks like a script is text on the page at that address."""
    answer = await client.get(address)
    page = parsed(answer)
    assert SCRIPT in page.text or SCRIPT in str(page.tags), address
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert all(attributes["src"].startswith("/static/") for attributes in scripts)
    assert len(scripts) == 2
    for tag, attributes in page.tags:
        assert tag != "img"
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert not attributes.get("href", "").lower().startswith("javascript:")


async def test_a_long_query_is_a_query(client: AsyncClient) -> None:
    page = await get_page(client, "/?q=" + "event+loop+" * 900)
    assert "Nothing matches" in page.headings[0]
    assert len(dict(page.forms["search"].fields)["q"]) > 9_000


async def test_a_query_that_is_too_long_is_kept_and_offered_shorter(client: AsyncClient) -> None:
    trace = "".join(f"  at line {number} of a trace\n" for number in range(900))
    text = f"java.lang.FirstError: a\n{trace}LastError: b"
    page = await get_page(client, f"/?{urlencode({'q': text, 'tag': 'java'})}", status=422)
    assert dict(page.forms["search"].fields)["q"] == text
    assert f"has {len(text):,}" in page.text
    short = page.links["Search for its first and last lines"]
    assert len(short) < 8_000
    found = dict((await get_page(client, short)).forms["search"].fields)
    assert found["q"].startswith("java.lang.FirstError: a")
    assert found["q"].endswith("LastError: b")
    assert found["tag"] == "java"


async def test_the_address_that_a_form_leaves_in_the_bar_leads_to_the_list(
    client: AsyncClient,
) -> None:
    assert sent_to(await client.get("/entries")) == "/"


async def test_a_fault_of_ours_is_a_page_that_tells_nothing(app: FastAPI) -> None:
    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("secret detail")

    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://kb.test") as client:
        answer = await client.get("/fault")
    parsed(answer, status=500)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_an_error_page_needs_no_app() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    answer = error_page(request, KbError("Nothing was <changed>."))
    assert answer.status_code == 500
    assert b"Nothing was &lt;changed&gt;." in answer.body


async def test_htmx_gets_an_error_as_a_fragment(client: AsyncClient) -> None:
    answer = await client.get("/?sort=colour", headers={"HX-Request-Type": "partial"})
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "relevance" in answer.text
