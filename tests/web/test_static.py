"""Static files, and what pages load."""

import hashlib

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.resources import folder
from tests.conftest import client_of
from tests.web.pages import get_page


async def test_a_page_loads_only_files_of_ours_by_their_version(client: AsyncClient) -> None:
    page = await get_page(client, "/")
    loaded = [a["src"] for tag, a in page.tags if tag == "script"]
    linked = [a for tag, a in page.tags if tag == "link"]
    loaded += [a["href"] for a in linked if a["rel"] not in {"alternate", "canonical", "search"}]
    assert len(loaded) == 7
    for address in loaded:
        assert address.startswith("/static/")
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashlib.sha256(answer.content).hexdigest().startswith(address.partition("?v=")[2])


@pytest.mark.parametrize("query", ["", "?v=0", "?v=%ff", "?x"])
async def test_a_file_of_another_version_is_not_kept_for_long(
    client: AsyncClient, query: str
) -> None:
    answer = await client.get(f"/static/app.css{query}")
    assert answer.status_code in {200, 400}
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_a_file_waits_for_nothing_that_the_database_has_to_say(app: FastAPI) -> None:
    app.state.runtime = None
    async with client_of(app) as client:
        assert (await client.get("/static/app.css")).status_code == 200


async def test_what_is_no_file_is_not_found(client: AsyncClient) -> None:
    assert (await client.get("/static/none.css?v=None")).status_code == 404


def test_htmx_is_the_released_file() -> None:
    vendor = folder("static") / "vendor"
    (listed,) = vendor.glob("*.sha256")
    digest, name = listed.read_text().split()
    assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
