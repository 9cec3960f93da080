"""DNS rebinding: another site's name that leads here; and proxies that claim what they like."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import ValidationError

from kb.runtime import Runtime
from kb.settings import Settings
from tests.conftest import app_on

Asking = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture
def asking(settings: Settings, runtime: Runtime) -> Asking:
    """Makes a client of an app with other settings, whose requests come from `address`."""

    async def ask(address: str = "203.0.113.9", **changed: Any) -> AsyncClient:
        elsewhere = settings.model_copy(update={"allowed_hosts": None, **changed})
        app = await asyncio.to_thread(app_on, runtime, elsewhere)  # it reads templates
        transport = ASGITransport(app=app, client=(address, 1))
        return AsyncClient(transport=transport, base_url="http://localhost")

    return ask


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/entries", "/static/app.css", "/healthz", "/nowhere"]
)
async def test_a_page_whose_name_was_led_here_is_refused(asking: Asking, path: str) -> None:
    answer = await (await asking()).get(path, headers={"host": "rebound.example:8000"})

    assert answer.status_code == 421
    assert "KB_ALLOWED_HOSTS=rebound.example" in answer.text
    assert 'href="http://rebound.example' not in answer.text


async def test_the_api_says_what_to_do_about_an_unknown_host(asking: Asking) -> None:
    answer = await (await asking()).get("/api/v1/entries", headers={"host": "kb.lan"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/unknown-host"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "127.0.0.1:8000",
        "[::1]:8000",
        "192.168.1.5",
        socket.gethostname(),
        "kb.lan",
        "one.team.example",
        "gotchas.example:443",
    ],
)
async def test_the_servers_own_names_and_addresses_are_let_in(asking: Asking, host: str) -> None:
    client = await asking(
        allowed_hosts="KB.lan, *.team.example", public_url="https://gotchas.example/"
    )

    assert (await client.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["team.example", "kb.lan.evil.example", "evilgotchas.example", "127.0.0.1.evil.example"]
)
async def test_names_that_only_look_like_ours_are_refused(asking: Asking, host: str) -> None:
    client = await asking(
        allowed_hosts="kb.lan, *.team.example", public_url="https://gotchas.example/"
    )

    assert (await client.get("/", headers={"host": host})).status_code == 421


@pytest.mark.parametrize(
    "host",
    [
        "",
        "[",
        "http://[",
        "kb.lan/evil",
        "ann@kb.lan",
        "kb.lan:x",
        "kb lan",
        "kb.lan\\evil",
        "k\u00fc",
        "a" * 999,
    ],
)
async def test_a_host_that_is_none_is_a_bad_request(asking: Asking, host: str) -> None:
    answer = await (await asking()).get("/", headers=[(b"host", host.encode())])

    assert answer.status_code == 400


async def test_two_hosts_are_none(asking: Asking) -> None:
    answer = await (await asking()).get(
        "/", headers=[("host", "localhost"), ("host", "evil.example")]
    )

    assert answer.status_code == 400


async def test_any_host_is_let_in_where_the_setting_says_so(asking: Asking) -> None:
    client = await asking(allowed_hosts="*")

    assert (await client.get("/", headers={"host": "whatever.example"})).status_code == 200


async def test_a_forwarded_host_names_no_address(asking: Asking) -> None:
    forged = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example;proto=https"}

    answer = await (await asking()).get("/", headers=forged)

    assert "evil.example" not in answer.text


FORWARDED = {"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"}


async def test_forwarded_headers_of_a_stranger_are_not_believed(asking: Asking) -> None:
    for settings in ({}, {"trusted_proxies": "10.0.0.0/8"}):
        answer = await (await asking(**settings)).get(
            "/", headers=FORWARDED | {"host": "203.0.113.1"}
        )

        assert "strict-transport-security" not in answer.headers


async def test_a_named_proxy_says_that_people_use_https(asking: Asking) -> None:
    client = await asking("10.1.2.3", trusted_proxies="192.0.2.1, 10.0.0.0/8")

    answer = await client.get("/", headers=FORWARDED | {"host": "203.0.113.1"})

    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_no_https_is_promised_for_localhost(asking: Asking) -> None:
    client = await asking("10.1.2.3", trusted_proxies="10.1.2.3")

    answer = await client.get("/", headers=FORWARDED)

    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("value", ["*", "proxy.lan", "10.0.0.1/8", "10.0.0.0/8 10.1.1.1"])
def test_a_proxy_that_is_no_address_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValidationError, match="IP addresses or networks"):
        Settings(trusted_proxies=value)


@pytest.mark.parametrize("value", ["javascript:alert(1)", "kb.example.org", "https://", "//kb"])
def test_a_public_address_that_is_none_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        Settings(public_url=value)


async def test_the_public_address_stands_in_answers_whatever_host_was_asked(
    settings: Settings, runtime: Runtime, app: FastAPI
) -> None:
    async with AsyncClient(
        transport=ASGITransport(app=app), base_url="http://127.0.0.1:8000"
    ) as client:
        assert "http://127.0.0.1:8000/sitemap.xml" in (await client.get("/robots.txt")).text
