"""What browsers are told with every answer, and that nobody else can put a word in."""

import asyncio
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Message

from kb import guard
from kb.web.redirects import see_other
from tests.access import routes
from tests.conftest import client_of
from tests.factories import create_entry

ROUTES = routes()
WEB = Path(__file__).parents[2] / "kb" / "web"
ONCE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


def filled(path: str, slug: str) -> str:
    """Return the route's path about an entry that is there."""
    return re.sub(r"\{[a-z]+\}", "1", path.replace("{slug}", slug))


async def test_every_answer_forbids_frames_and_everything_foreign(
    app: FastAPI, maintainer: AsyncClient
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    asked = [route.split() for route in ROUTES] + [["GET", "/nowhere"], ["PUT", "/"]]
    async with client_of(app) as client:
        for method, path in asked:
            answer = await client.request(method, filled(path, slug))

            assert {name: answer.headers.get(name) for name in ONCE} == ONCE, path
            policy = answer.headers["content-security-policy"]
            assert dict(one.strip().split(" ", 1) for one in policy.split(";")) == POLICY, path
            assert "geolocation=()" in answer.headers["permissions-policy"], path


async def test_a_fault_of_ours_is_an_answer_like_any_other(app: FastAPI) -> None:
    async def broken() -> None:
        raise RuntimeError

    app.add_api_route("/broken", broken)
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://kb.test") as client:
        answer = await client.get("/broken")

    assert answer.status_code == 500
    assert ONCE.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b=c", "a\nb", "a\0b"])
async def test_a_header_is_never_more_than_a_line(app: FastAPI, value: str) -> None:
    async def broken() -> PlainTextResponse:
        return PlainTextResponse("", headers={"x-name": value})

    app.add_api_route("/broken", broken, response_model=None)
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://kb.test") as client:
        answer = await client.get("/broken")

    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers


LINES = ["%0d%0aset-cookie:%20a=b", "%0aset-cookie:%20a=b", "%E5%98%8D%E5%98%8Aset-cookie:%20a=b"]


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize(
    "address",
    [
        "/?q=x{}",
        "/?q=x&tag={}",
        "/entries/{}",
        "/entries/a{}/compare?a=1&b=2",
        "/entries/{}.md",
        "/api/v1/entries?tag={}&limit=1",
        "/api/v1/entries?cursor={}",
        "/api/v1/search?q=x{}&limit=1",
        "/feed.atom?author={}",
        "/sign-in?token={}",
        "/problems/{}",
    ],
)
async def test_no_address_adds_a_header(onlooker: AsyncClient, address: str, lines: str) -> None:
    answer = await onlooker.get(address.format(lines), headers={"hx-request-type": "partial"})

    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers
    assert "set-cookie: a" not in str(answer.headers).lower()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/a\r\nset-cookie: a=b",
        "/a\x00",
    ],
)
def test_a_redirect_never_leaves_this_site(target: str) -> None:
    with pytest.raises(ValueError, match="not an address of ours"):
        see_other(target)


@pytest.mark.parametrize("target", ["/", "/entries/a?q=a%20b&tag=c#reports", "/review/7"])
def test_a_redirect_leads_to_pages_of_ours(target: str) -> None:
    assert see_other(target).headers["location"] == target


def test_pages_redirect_in_that_one_way_alone() -> None:
    others = [
        path.name for path in WEB.glob("*.py") if "RedirectResponse(" in path.read_text("utf-8")
    ]

    # The provider is where an owner's setting leads, and whoever signs in wants to go.
    assert sorted(others) == ["redirects.py", "sign_in.py"]


@pytest.mark.parametrize("name", ["next", "redirect", "return_to", "url", "continue"])
async def test_no_parameter_sends_people_elsewhere(client: AsyncClient, name: str) -> None:
    for path in ("/sign-in", "/", "/entries", "/start"):
        answer = await client.get(path, params={name: "https://evil.example/"})

        assert "evil.example" not in answer.headers.get("location", "")
        assert 'href="https://evil.example' not in answer.text


async def test_a_body_that_dribbles_in_is_given_up_on(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    for kind, path in (("application/json", b"/api/v1/entries"), ("text/plain", b"/entries")):
        for length in ((b"content-length", b"1000"), (b"transfer-encoding", b"chunked")):
            sent = await _dribbled(app, path, kind.encode(), length)

            assert sent[0]["status"] == (408 if b"api" in path or length[0][:1] == b"t" else 415)
            if sent[0]["status"] == 408:
                assert (b"connection", b"close") in sent[0]["headers"]


async def _dribbled(
    app: FastAPI, path: bytes, kind: bytes, length: tuple[bytes, bytes]
) -> list[Message]:
    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path.decode(),
        "raw_path": path,
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"kb.test"), (b"content-type", kind), length],
        "client": ("127.0.0.1", 1),
        "server": ("kb.test", 80),
    }
    await app(scope, receive, send)
    return sent
