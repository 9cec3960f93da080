"""What the guard of requests lets through, and what it does with bodies that end too soon."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from kb.middleware import HeadAsGet
from kb.runtime import Runtime
from kb.settings import Settings
from tests.conftest import app_on
from tests.factories import make_values


async def test_a_body_that_is_cut_off_is_not_taken_for_a_whole_one(
    app: FastAPI, runtime: Runtime
) -> None:
    messages: list[Message] = [
        {
            "type": "http.request",
            "body": b"title=A+title+long+enough&tags=a&problem=first+pa",
            "more_body": True,
        },
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"transfer-encoding", b"chunked"),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"host", b"kb.test"),
    ]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/entries",
        "raw_path": b"/entries",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("kb.test", 80),
    }
    await app(scope, receive, send)
    assert not [one for one in sent if one.get("status", 500) < 400]
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://kb.test") as client:
        waiting = await client.get("/review")
    assert "A title long enough" not in waiting.text


@pytest.fixture
def proxied(settings: Settings, runtime: Runtime) -> AsyncClient:
    """A client of an app that people reach under another address."""
    public = settings.model_copy(
        update={"public_url": "https://gotchas.example", "allowed_hosts": "inner"}
    )
    app = app_on(replace(runtime, settings=public))
    return AsyncClient(transport=ASGITransport(app=app), base_url="http://inner")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://gotchas.example", 202),
        ("http://inner", 202),
        ("https://elsewhere.example", 403),
        ("http://[", 403),
        ("null", 403),
    ],
)
async def test_a_form_may_come_from_the_public_address(
    proxied: AsyncClient, origin: str, status: int
) -> None:
    answer = await proxied.post("/api/v1/entries", json=make_values(), headers={"Origin": origin})
    assert answer.status_code == status


async def test_addresses_are_those_that_people_use(proxied: AsyncClient) -> None:
    for number in range(3):
        values = make_values(title=f"Entry number {number} of three")
        await proxied.post("/api/v1/entries", json=values)
    answer = await proxied.get("/api/v1/suggestions", params={"limit": "1"})
    assert answer.headers["Link"].startswith("<https://gotchas.example/api/v1/suggestions?")
    assert answer.json()["items"][0]["url"].startswith("https://gotchas.example/review/")


async def test_head_of_a_stream_ends_with_its_first_part() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"{}\n"
            await asyncio.sleep(0)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(endless(), media_type="text/plain")(scope, receive, send)

    transport = ASGITransport(app=HeadAsGet(GZipMiddleware(app), prefix="/api"))
    async with AsyncClient(transport=transport, base_url="http://kb.test") as client:
        answer = await client.head("/api/endless", timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/plain")


async def test_head_of_an_export_is_answered_as_a_get(maintainer: AsyncClient) -> None:
    got, headed = [await maintainer.request(one, "/api/v1/export") for one in ("GET", "HEAD")]
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers == got.headers
