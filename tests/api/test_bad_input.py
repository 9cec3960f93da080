"""What the API refuses: each as problem+json that says what to do, and nothing is stored."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.factories import make_values


def assert_problem(answer: Response, status: int, slug: str) -> dict[str, Any]:
    """Check the shape every error has; return the problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{slug}", status)
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/v1/entries/no-such-entry", 404, "not-found"),
        ("/api/v1/entries/no-such-entry/revisions", 404, "not-found"),
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/entries?sort=colour", 422, "invalid"),
        ("/api/v1/entries?colour=red", 422, "invalid"),
        ("/api/v1/entries?category=red", 422, "invalid"),
        ("/api/v1/entries?limit=0", 422, "invalid"),
        ("/api/v1/entries?limit=101", 422, "invalid"),
        ("/api/v1/entries?cursor=forged", 422, "invalid"),
        ("/api/v1/entries/x/revisions/one", 422, "invalid"),
        ("/api/v1/search?q=x&limit=1000", 422, "invalid"),
        ("/api/v1/search?q=x&cursor=forged", 422, "invalid"),
        ("/api/v1/search?q=" + "x" * 10_001, 422, "invalid"),
        ("/api/v1/search?q=%ff", 400, "bad-request"),
        ("/api/v1/entries/%ff", 400, "bad-request"),
    ],
)
async def test_a_bad_address_is_a_problem(
    client: AsyncClient, path: str, status: int, slug: str
) -> None:
    assert_problem(await client.get(path), status, slug)


async def test_an_enormous_revision_number_is_not_found(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    await maintainer.post("/api/v1/entries", json=make_values())
    path = "/api/v1/entries/sleeping-in-an-endpoint-stalls-the-others/revisions"
    answer = await client.get(f"{path}/{2**70}")
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "short"}, "title"),
        ({"title": None}, "title"),
        ({"problem": "  \n "}, "problem"),
        ({"tags": []}, "tags"),
        ({"tags": ["two words"]}, "tags.0"),
        ({"tags": "asyncio"}, "tags"),
        ({"category": "colour"}, "category"),
        ({"references": ["javascript:alert(1)"]}, "references.0"),
        ({"problem": "a\x00b"}, "problem"),
        ({"problem": "x" * 100_001}, "problem"),
        ({"colour": "red"}, "colour"),
        ({"summary": "x" * 301}, "summary"),
        ({"summary": "\x1b[31m"}, "summary"),
    ],
)
async def test_a_bad_field_is_named(
    maintainer: AsyncClient, changes: dict[str, object], field: str
) -> None:
    answer = await maintainer.post("/api/v1/entries", json=make_values(**changes))
    problem = assert_problem(answer, 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert (await maintainer.get("/api/v1/entries")).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "bad-request"),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"\xff"', 400, "bad-request"),
        (b'{"title": "\\ud800 is half a character"}', 422, "invalid"),
        (b"[" * 100_000, 400, "bad-request"),
        (b'{"title": "' + b"x" * 2_000_000 + b'"}', 413, "too-large"),
    ],
)
async def test_a_bad_body_is_a_problem(
    maintainer: AsyncClient, body: bytes, status: int, slug: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await maintainer.post("/api/v1/entries", content=body, headers=headers)
    assert_problem(answer, status, slug)
    assert (await maintainer.get("/api/v1/entries")).json()["total"] == 0


async def test_a_body_that_does_not_say_its_length_is_limited_too(
    maintainer: AsyncClient,
) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 50_000

    answer = await maintainer.post("/api/v1/entries", content=endless())
    assert_problem(answer, 413, "too-large")


async def test_a_post_from_another_site_is_refused(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.test"},
        {"Origin": "null"},
    ):
        answer = await maintainer.post("/api/v1/entries", json=make_values(), headers=headers)
        assert_problem(answer, 403, "cross-site")
    assert (await client.get("/api/v1/entries")).json()["total"] == 0


async def test_bad_credentials_are_a_problem(client: AsyncClient) -> None:
    for credentials in ("Bearer kb_forged", "Bearer", "Basic b3duZXI6"):
        headers = {"Authorization": credentials}
        answer = await client.get("/api/v1/entries", headers=headers)
        assert_problem(answer, 401, "not-signed-in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_wrong_method_is_a_problem(client: AsyncClient) -> None:
    answer = await client.delete("/api/v1/entries")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert (await client.put("/static/app.css")).headers["allow"] == "GET, HEAD"
    assert (await client.get("/review/1/withdraw")).headers["allow"] == "POST"


async def test_every_error_carries_the_security_headers(client: AsyncClient) -> None:
    for path in ("/api/v1/nothing", "/api/v1/search?q=%ff"):
        answer = await client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
