"""What the app does for every door: whatever goes wrong is told in the form the caller speaks."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.requests import Request
from starlette.routing import Route

from kb.errors import FieldError, KbError, kinds
from tests.web.pages import get_page, parsed


def every_class(kind: type[KbError] = KbError) -> Iterator[type[KbError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from every_class(one)


def raise_at(app: FastAPI, path: str, kind: type[KbError]) -> None:
    """Have the app raise an error of that class at the path."""
    error = kind.__new__(kind)
    KbError.__init__(error, "Bring two words.", (FieldError("words", "must be two"),))

    async def fail(request: Request) -> None:
        raise error

    app.router.routes.insert(0, Route(path, fail))


@pytest.mark.parametrize("kind", [*every_class()], ids=lambda kind: kind.__name__)
async def test_each_error_is_a_problem_to_programs_and_a_page_to_people(
    app: FastAPI, client: AsyncClient, kind: type[KbError]
) -> None:
    for path in ("/api/v1/fail", "/fail"):
        raise_at(app, path, kind)

    answer = await client.get("/api/v1/fail")
    assert answer.status_code == kind.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": "Bring two words.",
        "errors": [{"field": "words", "message": "must be two"}],
    }
    page = parsed(await client.get("/fail"), kind.status)
    assert kind.title in page.headings
    assert "Bring two words." in page.text


@pytest.mark.parametrize("slug", [*kinds()])
async def test_the_type_of_a_problem_leads_to_a_page_about_it(
    onlooker: AsyncClient, slug: str
) -> None:
    kind = kinds()[slug]
    page = await get_page(onlooker, f"/problems/{slug}")
    assert page.headings == [kind.title, "When", "What to do"]
    for sentence in (kind.when, kind.remedy):
        assert sentence.replace("`", "")[1:] in page.text
    assert f"/problems/{slug}" in (await get_page(onlooker, "/problems")).addresses


async def test_a_kind_of_error_that_does_not_exist_is_not_found(client: AsyncClient) -> None:
    page = await get_page(client, "/problems/none", status=404)
    assert "/problems" in page.text
