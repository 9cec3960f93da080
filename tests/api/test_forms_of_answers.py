"""An answer as the caller wants it: some fields, the Markdown file, the headers alone."""

import json
import re

import pytest
from httpx2 import AsyncClient

from kb.api.negotiation import prefers_markdown
from kb.runtime import Runtime
from scripts.write_openapi import SNAPSHOT
from tests.api.test_bad_input import assert_problem
from tests.factories import create_entry, revise

ENTRIES = "/api/v1/entries"
ROUTES = [
    (method.upper(), path)
    for path, methods in json.loads(SNAPSHOT.read_text())["paths"].items()
    for method in methods
]


async def test_an_entry_has_only_the_fields_asked_for(maintainer: AsyncClient) -> None:
    made = await create_entry(maintainer)
    address = f"{ENTRIES}/{made['slug']}"

    for query in ("fields=votes,title", "fields=votes&fields=title"):
        answer = await maintainer.get(f"{address}?{query}")
        assert answer.json() == {"title": made["title"], "votes": 0}
        assert answer.headers["ETag"] == '"r1"'
    assert (await maintainer.get(address)).json() == made


async def test_the_items_of_lists_have_only_the_fields_asked_for(maintainer: AsyncClient) -> None:
    for title in ("Sleeping stalls the others", "Waiting stalls the others"):
        made = await create_entry(maintainer, title=title)

    answer = await maintainer.get(f"{ENTRIES}?fields=slug,votes&limit=1")
    page = answer.json()
    assert page["items"] == [{"slug": made["slug"], "votes": 0}]
    assert page["total"] == 2
    assert page["next"] in answer.headers["Link"]
    assert "fields=slug" in answer.headers["Link"]


async def test_the_items_of_a_search_have_only_the_fields_asked_for(
    maintainer: AsyncClient, runtime: Runtime
) -> None:
    made = await create_entry(maintainer)
    await runtime.indexer.drain()

    found = (await maintainer.get("/api/v1/search?q=sleeping&fields=slug,url")).json()
    assert found["items"] == [{"slug": made["slug"], "url": made["url"]}]
    assert {"total", "facets", "did_you_mean", "next", "took_ms"} <= found.keys()


@pytest.mark.parametrize("path", [ENTRIES, f"{ENTRIES}/any", "/api/v1/search"])
async def test_an_unknown_field_is_answered_with_those_there_are(
    client: AsyncClient, path: str
) -> None:
    for fields in ("slug,colour", "colour"):
        problem = assert_problem(await client.get(f"{path}?fields={fields}"), 422, "invalid")
        (error,) = problem["errors"]
        assert error["field"] == "fields"
        assert "“colour”" in error["message"]
        assert "severity" in error["message"]
    assert_problem(await client.get(f"{path}?fields="), 422, "invalid")


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
async def test_every_call_refuses_an_unknown_parameter(
    maintainer: AsyncClient, route: tuple[str, str]
) -> None:
    method, path = route
    path = re.sub(r"\{\w+\}", "1", path)
    kind = "application/x-ndjson" if path.endswith("/import") else "application/json"
    answer = await maintainer.request(
        method, f"{path}?colour=red", content=b"{}", headers={"Content-Type": kind}
    )
    problem = assert_problem(answer, 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["colour"]


@pytest.mark.parametrize(
    "path", [ENTRIES, "/api/v1/search", "/api/v1/suggestions", f"{ENTRIES}/{{slug}}/revisions"]
)
async def test_an_empty_cursor_is_none_of_ours(maintainer: AsyncClient, path: str) -> None:
    made = await create_entry(maintainer)
    answer = await maintainer.get(f"{path.format(slug=made['slug'])}?cursor=")
    assert_problem(answer, 422, "invalid")


async def test_an_entry_comes_as_its_file_where_markdown_is_wanted(maintainer: AsyncClient) -> None:
    made = await create_entry(maintainer)
    address, headers = f"{ENTRIES}/{made['slug']}", {"Accept": "text/markdown"}

    file = await maintainer.get(address, headers=headers)
    assert file.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert file.text == (await maintainer.get(f"/entries/{made['slug']}.md")).text

    as_json = await maintainer.get(address)
    assert as_json.json() == made
    for answer in (file, as_json):
        assert "Accept" in answer.headers["Vary"].split(", ")
    assert file.headers["ETag"] != as_json.headers["ETag"]


async def test_each_form_of_an_entry_is_compared_with_its_own_tag(maintainer: AsyncClient) -> None:
    made = await create_entry(maintainer)
    address = f"{ENTRIES}/{made['slug']}"
    file, view = {"Accept": "text/markdown"}, {"Accept": "application/json"}
    tag = (await maintainer.get(address, headers=file)).headers["ETag"]

    has_file = {"If-None-Match": tag}
    assert (await maintainer.get(address, headers=file | has_file)).status_code == 304
    assert (await maintainer.get(address, headers=view | has_file)).status_code == 200

    changes, base = {"why": "One thread runs the loop."}, {"If-Match": tag}
    revised = await maintainer.post(f"{address}/revisions", json=changes, headers=base)
    assert revised.status_code == 201


@pytest.mark.parametrize(
    ("accept", "markdown"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/markdown", True),
        ("TEXT/Markdown; charset=utf-8", True),
        ("text/markdown, */*;q=0.1", True),
        ("text/markdown;q=0.9, application/json", False),
        ("text/markdown;q=0.5, application/json; q=0.4", True),
        ("text/*", True),
        ("text/*, text/markdown;q=0", False),
        ("text/markdown;q=0", False),
        ("application/json;q=0, */*", True),
        ("image/png", False),
        ("text/markdown;q=2", False),
        ("text/markdown;q=high", False),
        (",;,=", False),
    ],
)
def test_the_more_wanted_form_is_chosen(accept: str | None, markdown: bool) -> None:
    assert prefers_markdown(accept) is markdown


async def test_head_answers_as_get_does_without_the_body(maintainer: AsyncClient) -> None:
    made = await create_entry(maintainer)
    for path in (ENTRIES, f"{ENTRIES}/{made['slug']}", f"{ENTRIES}/none"):
        got, headed = await maintainer.get(path), await maintainer.head(path)
        assert headed.status_code == got.status_code
        assert headed.headers == got.headers
        assert "Content-Length" in headed.headers
        assert headed.content == b""


async def test_head_of_what_cannot_be_read_is_refused(client: AsyncClient) -> None:
    assert (await client.head(f"{ENTRIES}/none/votes")).status_code == 405


async def test_a_restore_can_name_the_revision_it_takes_for_current(
    maintainer: AsyncClient,
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    for base, why in ((1, "One thread runs the loop."), (2, "There is one thread.")):
        assert await revise(maintainer, slug, base, why=why) == 201
    restore = f"{ENTRIES}/{slug}/revisions/1/restore"

    stale = await maintainer.post(restore, headers={"If-Match": '"r2"'})
    problem = assert_problem(stale, 409, "conflict")
    assert "revision 3" in problem["detail"]
    assert_problem(await maintainer.post(restore, headers={"If-Match": "r3"}), 422, "invalid")

    done = await maintainer.post(restore, headers={"If-Match": '"r3"'})
    assert (done.status_code, done.json()["number"]) == (201, 4)
