"""Signing in through an OpenID Connect provider: npm's oidc-provider, as a process on loopback."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import SecretStr

from kb.runtime import open_runtime
from kb.settings import NewcomerRole, Settings
from tests.conftest import app_on, client_of
from tests.web.pages import FORM, get_page, parsed, sent_to

TOOLS = Path(__file__).parents[2] / "tools"
CALLBACK = "http://kb.test/sign-in/provider/callback"
SECRET = "a secret of some length"


@contextmanager
def provider(callback: str) -> Iterator[str]:
    """Run a provider that lets in whoever says who they are; yield what it calls itself."""
    node = shutil.which("node")
    if not node or not (TOOLS / "node_modules" / "oidc-provider").exists():
        pytest.skip("npm's oidc-provider is not installed: make tools")
    script = str(TOOLS / "sign-in-provider.mjs")
    process = subprocess.Popen(
        [node, script, "kb", SECRET, callback], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The provider of these tests."""
    with provider(CALLBACK) as name:
        yield name


@pytest.fixture
def trusting(settings: Settings, issuer: str) -> Settings:
    """Settings with that provider."""
    return settings.model_copy(
        update={
            "oidc_discovery_url": f"{issuer}/.well-known/openid-configuration",
            "oidc_client_id": "kb",
            "oidc_client_secret": SecretStr(SECRET),
        }
    )


async def app_with(settings: Settings) -> AsyncIterator[FastAPI]:
    async with open_runtime(settings) as opened:
        yield await asyncio.to_thread(app_on, opened)  # it reads templates


@pytest.fixture
async def app(trusting: Settings) -> AsyncIterator[FastAPI]:
    """An app that believes the provider."""
    async for made in app_with(trusting):
        yield made


async def vouched_for(begun: Response, who: str, callback: str = CALLBACK) -> str:
    """Go where the answer leads, say who one is; return where the provider sends the browser."""
    async with AsyncClient(follow_redirects=False) as browser:
        address = sent_to(begun)
        while not address.startswith(callback):
            answer = await browser.get(address)
            if "/interaction/" in address:
                prompt = "login" if 'name="login"' in answer.text else "consent"
                form = f"prompt={prompt}&login={who}&password=any"
                answer = await browser.post(address, content=form, headers=FORM)
            address = str(answer.url.join(answer.headers["location"]))
    return address


async def sign_in(client: AsyncClient, who: str) -> Response:
    """Sign in through the provider as `subject:name`, the subject being all of it."""
    return await client.get(await vouched_for(await client.get("/sign-in/provider"), who))


async def account_of(client: AsyncClient) -> str:
    page = await get_page(client, "/account")
    return page.headings[0]


async def test_whom_the_provider_sends_gets_an_account_and_keeps_it(app: FastAPI) -> None:
    async with client_of(app) as client, client_of(app) as elsewhere, client_of(app) as other:
        link = (await get_page(client, "/sign-in")).links
        assert "/sign-in/provider" in link.values()
        answer = await sign_in(client, "1:Ann:Renamed")
        assert sent_to(answer) == "/"
        assert "kb_attempt" not in client.cookies
        assert await account_of(client) == "ann"
        assert "member" in (await get_page(client, "/account")).text
        await sign_in(elsewhere, "1:Ann:Renamed")
        assert await account_of(elsewhere) == "ann"
        await sign_in(other, "2:Ann")
        assert await account_of(other) == "ann-2"


@pytest.mark.parametrize(
    ("named", "reached"),
    [("/tags?q=a%20b", "/tags?q=a%20b"), ("//evil.example", "/"), ("https://evil.example", "/")],
)
async def test_who_comes_back_is_where_they_were(app: FastAPI, named: str, reached: str) -> None:
    async with client_of(app) as client:
        begun = await client.get("/sign-in/provider", params={"next": named})
        answer = await client.get(await vouched_for(begun, "1:ann"))
        assert sent_to(answer) == reached


@pytest.mark.parametrize("forged", [b"//evil.example".hex(), "no hex", "ff"])
async def test_a_forged_attempt_leads_nowhere_else(app: FastAPI, forged: str) -> None:
    async with client_of(app) as client:
        address = await vouched_for(await client.get("/sign-in/provider"), "1:ann")
        *attempt, _ = client.cookies["kb_attempt"].split(".")
        client.cookies.clear()
        client.cookies.set("kb_attempt", ".".join([*attempt, forged]))
        assert sent_to(await client.get(address)) == "/"


async def test_the_provider_is_asked_with_pkce_state_and_nonce(app: FastAPI) -> None:
    async with client_of(app) as client:
        begun = await client.get("/sign-in/provider")
        asked = parse_qs(urlsplit(sent_to(begun)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["scope"] == ["openid profile"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20
    cookie = begun.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=lax", "Max-Age=600"):
        assert attribute in cookie


async def test_newcomers_get_the_role_that_is_set(trusting: Settings) -> None:
    raised = trusting.model_copy(update={"oidc_role": NewcomerRole.MAINTAINER})
    async for app in app_with(raised):
        async with client_of(app) as client:
            await sign_in(client, "1:ann")
            assert "maintainer" in (await get_page(client, "/account")).text


async def test_an_answer_is_taken_from_the_browser_that_asked_alone(app: FastAPI) -> None:
    async with client_of(app) as attacker, client_of(app) as victim:
        address = await vouched_for(await attacker.get("/sign-in/provider"), "9:mallory")
        page = parsed(await victim.get(address), 401)
        assert page.headings == ["You are not signed in"]
        await victim.get("/sign-in/provider")
        assert (await victim.get(address)).status_code == 401
        assert "kb_session" not in victim.cookies
        assert (await attacker.get(address)).status_code == 303


async def test_an_answer_is_good_once(app: FastAPI) -> None:
    async with client_of(app) as client:
        begun = await client.get("/sign-in/provider")
        attempt = client.cookies["kb_attempt"]
        address = await vouched_for(begun, "1:ann")
        assert (await client.get(address)).status_code == 303
        client.cookies.set("kb_attempt", attempt)
        page = parsed(await client.get(address), 502)
        assert "could not be asked who you are" in page.text


async def test_an_id_token_for_another_attempt_is_refused(app: FastAPI) -> None:
    async with client_of(app) as client:
        begun = await client.get("/sign-in/provider")
        state, _, verifier, back = client.cookies["kb_attempt"].split(".")
        address = await vouched_for(begun, "1:ann")
        client.cookies.clear()
        client.cookies.set("kb_attempt", f"{state}.another-nonce.{verifier}.{back}")
        assert (await client.get(address)).status_code == 502
        assert "kb_session" not in client.cookies


async def test_who_says_no_at_the_provider_is_not_signed_in(app: FastAPI) -> None:
    async with client_of(app) as client:
        await client.get("/sign-in/provider")
        state = client.cookies["kb_attempt"].split(".")[0]
        refused = f"/sign-in/provider/callback?state={state}&error=access_denied"
        assert parsed(await client.get(refused), 401).headings == ["You are not signed in"]


async def test_a_provider_that_is_away_is_said_to_be(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = settings.model_copy(
        update={
            "oidc_discovery_url": "http://127.0.0.1:9/.well-known/openid-configuration",
            "oidc_client_id": "kb",
            "oidc_client_secret": SecretStr(SECRET),
        }
    )
    async for app in app_with(away):
        async with client_of(app) as client:
            page = await get_page(client, "/sign-in/provider", status=502)
            assert page.headings == ["The sign-in provider did not answer"]
    assert "The sign-in provider 127.0.0.1:9 failed" in caplog.text
    assert SECRET not in caplog.text
