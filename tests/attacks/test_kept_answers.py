"""What is kept for everybody must be nobody's own, and must not get past the guard."""

import pytest
from httpx2 import AsyncClient

from tests.conftest import Prepared

PATHS = ("/", "/entries/{slug}", "/?q=sleeping", "/tags", "/activity", "/api/v1/entries/{slug}")


@pytest.fixture
def slug(data_with_entry: Prepared) -> str:
    return data_with_entry.slug


async def test_what_somebody_signed_in_sees_nobody_else_is_given(
    owner: AsyncClient, maintainer: AsyncClient, client: AsyncClient, slug: str
) -> None:
    for path in [one.format(slug=slug) for one in PATHS * 2]:
        own, programs, public = [await one.get(path) for one in (owner, maintainer, client)]
        assert public.headers["Cache-Control"].startswith("public")
        assert own.headers["Cache-Control"] == programs.headers["Cache-Control"]
        assert own.headers["Cache-Control"].startswith("private")
        if not path.startswith("/api"):
            assert "Sign out" in own.text
            assert "Sign out" not in public.text
            assert "Sign in" in public.text


async def test_a_note_meant_for_one_browser_is_shown_to_no_other(
    client: AsyncClient, slug: str
) -> None:
    note = {"Cookie": "kb_note=reported"}
    assert "Your report is kept" in (await client.get("/", headers=note)).text
    assert "Your report is kept" not in (await client.get("/")).text
    assert "Your report is kept" in (await client.get("/", headers=note)).text


async def test_a_vote_is_shown_as_own_to_its_voter_alone(client: AsyncClient, slug: str) -> None:
    before = (await client.get(f"/entries/{slug}")).text
    voted = await client.post(f"/api/v1/entries/{slug}/votes", json={"value": 1})
    browser = {"Cookie": voted.headers["Set-Cookie"].partition(";")[0]}
    client.cookies.clear()
    own = (await client.get(f"/entries/{slug}", headers=browser)).text
    public = (await client.get(f"/entries/{slug}")).text
    assert 'aria-pressed="true"' in own
    assert 'aria-pressed="true"' not in public + before


@pytest.mark.parametrize("token", ["Bearer kb_wrong", "Basic a2I6a2I=", ""])
async def test_who_sends_a_token_is_asked_for_a_good_one_whatever_is_kept(
    client: AsyncClient, slug: str, token: str
) -> None:
    await client.get("/api/v1/entries")
    answer = await client.get("/api/v1/entries", headers={"Authorization": token})
    assert answer.status_code == (401 if token else 200)
    assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}


async def test_a_name_that_is_not_ours_gets_nothing_that_is_kept(
    client: AsyncClient, slug: str
) -> None:
    path = f"/api/v1/entries/{slug}"
    ours = await client.get(path)
    assert ours.json()["url"].startswith("http://kb.test/")
    by_address = await client.get(path, headers={"Host": "127.0.0.1:8000"})
    assert by_address.json()["url"].startswith("http://127.0.0.1:8000/")
    for given, status in (
        ([("Host", "rebound.example")], 421),
        ([("Host", "rebound.example"), ("Host", "kb.test")], 400),
        ([("Host", "kb.test"), ("Host", "rebound.example")], 400),
    ):
        answer = await client.get(path, headers=given)
        assert answer.status_code == status


async def test_a_body_too_many_is_refused_whatever_is_kept(client: AsyncClient, slug: str) -> None:
    await client.get("/")
    answer = await client.request("GET", "/", headers={"Content-Length": "9999999"})
    assert answer.status_code == 413


async def test_what_is_encoded_otherwise_is_another_address(client: AsyncClient, slug: str) -> None:
    await client.get("/?q=sleeping")
    assert (await client.get("/?q=%ff")).status_code == 400
    assert (await client.get(f"/entries/{slug}")).status_code == 200
    assert (await client.get(f"/entries/{slug}%2f")).status_code == 404
