"""A real app on a temporary data folder, and clients for its doors. One blocking call fails."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from blockbuster import BlockingError, blockbuster_ctx
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kb.accounts import account, invitations, people, signing_in, tokens
from kb.accounts.policy import Role
from kb.accounts.service import local_owner
from kb.accounts.tokens import NewToken
from kb.api import openapi
from kb.app import create_app
from kb.db import sqlite
from kb.runtime import Runtime, in_background, open_runtime
from kb.settings import Settings
from tests import hashing
from tests.factories import create_entry, revise
from tests.statements import compile_once

# How long an example takes says more about the machine than about us.
hypothesis_settings.register_profile(
    "kb", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("kb")

compile_once()

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


class Prepared(NamedTuple):
    """A data folder for copying; the secret of a maintainer's token and an entry's slug in it."""

    folder: Path
    token: str
    slug: str = ""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have Python not look through modules for garbage: each time takes a fifth of a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def blocking_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail a test in which code of ours blocks the event loop, even if it swallows the error."""
    noted: list[str] = []

    class NotedError(BlockingError):
        def __init__(self, function: str) -> None:
            super().__init__(function)
            noted.append(function)

    monkeypatch.setattr("blockbuster.blockbuster.BlockingError", NotedError)
    with blockbuster_ctx("kb") as guard:
        # It asks the system for the working directory, which waits for no disk.
        guard.functions["os.path.abspath"].deactivate()
        # FastAPI looks up, once for each endpoint, where its code stands, for its own errors.
        for name in ("os.stat", "io.BufferedReader.read", "io.TextIOWrapper.read"):
            guard.functions[name].can_block_in("fastapi/routing.py", "_extract_endpoint_context")
        # The log goes to the standard error, a pipe or a terminal.
        for name in ("io.BufferedWriter.write", "io.TextIOWrapper.write"):
            guard.functions[name].can_block_in("logging/__init__.py", "emit")
        yield noted
    assert noted == []


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Passwords cost little: what hashing them in full costs is for one file of tests to pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account, "hashed", hashing.hashed)
        patch.setattr(account, "matches", hashing.matches)
        patch.setattr(invitations, "hashed", hashing.hashed)
        patch.setattr(signing_in, "matches", hashing.matches)
        yield


@pytest.fixture(scope="session", autouse=True)
def waits_for_the_disk() -> Iterator[str]:
    """How long a commit waits as kb is served; none of the tests' own need outlive the machine."""
    as_served = sqlite.SYNCHRONOUS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "SYNCHRONOUS", "OFF")
        yield as_served


@pytest.fixture(scope="session", autouse=True)
def described_once() -> Iterator[None]:
    """The API is described once for all apps: it is the same, and takes a fifth of a second."""
    describe, described = openapi._description_of, list[dict[str, Any]]()

    def once(app: FastAPI) -> dict[str, Any]:
        if not described:
            described.append(describe(app))
        return described[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openapi, "_description_of", once)
        yield


@pytest.fixture(scope="session")
async def blank_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with migrated tables and an empty index, for copying."""
    folder = tmp_path_factory.mktemp("blank") / "data"
    async with open_runtime(Settings(data_dir=folder)) as runtime:
        await runtime.indexer.heal()
    return folder


@pytest.fixture(scope="session")
async def data_with_token(blank_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same with a maintainer's API token."""
    folder = copied(blank_data, tmp_path_factory.mktemp("token") / "data")
    async with open_runtime(Settings(data_dir=folder), processes=0) as runtime:
        return Prepared(folder, await token_for(runtime, "script", Role.MAINTAINER))


@pytest.fixture(scope="session")
async def data_with_entry(
    data_with_token: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """The same with an entry, which searches find."""
    folder = tmp_path_factory.mktemp("entry") / "data"
    async with preparing(data_with_token, folder) as program:
        slug = str((await create_entry(program))["slug"])
    return Prepared(folder, data_with_token.token, slug)


@pytest.fixture(scope="session")
async def data_with_revision(
    data_with_entry: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """The same with the entry at revision 2."""
    revised = data_with_entry._replace(folder=tmp_path_factory.mktemp("revision") / "data")
    async with preparing(data_with_entry, revised.folder) as program:
        assert await revise(program, revised.slug, 1, why="One thread runs the loop.") == 201
    return revised


@asynccontextmanager
async def preparing(data: Prepared, folder: Path) -> AsyncIterator[AsyncClient]:
    """Give a client with the token for a copy of the data in `folder`; have it indexed then."""
    settings = Settings(data_dir=copied(data.folder, folder), allowed_hosts="kb.test")
    async with open_runtime(settings, processes=0) as runtime:
        app = app_on(runtime)
        async with client_of(app, authorization=f"Bearer {data.token}") as program:
            yield program
            await runtime.indexer.drain()


@pytest.fixture(scope="session")
def usual_settings() -> Settings:
    """Settings to start from: to read the environment takes longer than to copy them."""
    return Settings(allowed_hosts="kb.test")


def copied(data: Path, folder: Path) -> Path:
    """Copy a data folder; return where to."""
    return Path(shutil.copytree(data, folder, copy_function=shutil.copyfile))


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, blank_data: Path, usual_settings: Settings, tmp_path: Path
) -> Settings:
    """Settings with a data folder of the test's own: a copy of what the test has asked for."""
    data = blank_data
    for name in ("data_with_revision", "data_with_entry", "data_with_token"):
        if name in request.fixturenames:
            data = request.getfixturevalue(name).folder
            break
    return usual_settings.model_copy(update={"data_dir": copied(data, tmp_path / "data")})


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """An open runtime that indexes in the background, as a server's does."""
    async with open_runtime(settings) as opened, in_background(opened):
        yield opened


def app_on(runtime: Runtime, settings: Settings | None = None) -> FastAPI:
    """Return a new app on that runtime, with its settings where there are no others."""
    made = create_app(settings or runtime.settings)
    made.state.runtime = runtime
    return made


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The app on that runtime."""
    return app_on(runtime)


@pytest.fixture(scope="session")
async def standing(
    data_with_token: Prepared, usual_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FastAPI]:
    """One app for all tests that change nothing; in its background, nothing goes on."""
    folder = copied(data_with_token.folder, tmp_path_factory.mktemp("standing") / "data")
    async with open_runtime(usual_settings.model_copy(update={"data_dir": folder})) as runtime:
        yield app_on(runtime)


@pytest.fixture
async def onlooker(standing: FastAPI) -> AsyncIterator[AsyncClient]:
    """A visitor of that app, who only looks."""
    async with client_of(standing) as visitor:
        yield visitor


@pytest.fixture
async def afresh(settings: Settings, runtime: Runtime) -> AsyncIterator[AsyncClient]:
    """A visitor of an app on the same runtime that has kept none of its answers."""
    made = await asyncio.to_thread(create_app, settings)
    made.state.runtime = runtime
    async with client_of(made) as visitor:
        yield visitor


def client_of(app: FastAPI, **headers: str) -> AsyncClient:
    """Return a client that sends these headers; what would be a 500 answer is raised."""
    return AsyncClient(transport=ASGITransport(app=app), base_url="http://kb.test", headers=headers)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A visitor who has not signed in."""
    async with client_of(app) as visitor:
        yield visitor


@pytest.fixture
async def owner(app: FastAPI, runtime: Runtime) -> AsyncIterator[AsyncClient]:
    """The owner's browser, signed in through the one-time link."""
    async with runtime.database.write() as session:
        secret = await people.owner_link(session)
    async with client_of(app) as browser:
        answer = await browser.get("/sign-in", params={"token": secret})
        assert answer.status_code == 303
        yield browser


async def token_for(runtime: Runtime, name: str, role: Role = Role.MEMBER) -> str:
    """Return a token for the person of that name, or else for a program."""
    async with runtime.database.write() as session:
        actor = local_owner(runtime.settings.anonymous)
        return await tokens.create_for(session, actor, NewToken(name, role))


@pytest.fixture
async def maintainer(app: FastAPI, data_with_token: Prepared) -> AsyncIterator[AsyncClient]:
    """A program with a maintainer's API token."""
    async with client_of(app, authorization=f"Bearer {data_with_token.token}") as program:
        yield program


@pytest.fixture
def slug(data_with_revision: Prepared) -> str:
    """The slug of an entry at revision 2, which searches find."""
    return data_with_revision.slug
