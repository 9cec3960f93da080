"""Small texts that cost much are answered, and nobody else waits for them.

Nothing here is held to a time: what takes too long is stopped by the worker's limit, and answered
with 503.
"""

import asyncio
import json
from collections.abc import Awaitable

import pytest
from httpx2 import AsyncClient, Response

from bench.bombs import QUERIES, grown, texts
from kb.entries.files import parse_entry_file
from kb.errors import KbError
from tests.factories import create_entry, make_values

SIZE = 15_000


async def answered_meanwhile(client: AsyncClient, bomb: Awaitable[Response]) -> Response:
    """Return the answer to the bomb, in whose time another request was answered."""
    ended: list[str] = []

    async def noted(name: str, answer: Awaitable[Response]) -> Response:
        found = await answer
        ended.append(name)
        return found

    found, other = await asyncio.gather(
        noted("bomb", bomb), noted("other", client.get("/api/v1/tags"))
    )
    assert other.status_code == 200
    assert ended == ["other", "bomb"]
    return found


async def test_markdown_that_costs_much_is_answered(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    # In one test, because an app for each takes longer than the texts do.
    for name, text in texts(5_000).items():
        values = make_values(title=f"A text of {name} end to end", problem=text)
        answer = await maintainer.post("/api/v1/entries", json=values)
        assert answer.status_code in (201, 202, 503), (name, answer.text)
        if answer.status_code == 201:
            slug = answer.json()["slug"]
            assert (await client.get(f"/entries/{slug}")).status_code in (200, 503), name
            assert (await client.get(f"/entries/{slug}.md")).status_code == 200, name


@pytest.mark.parametrize("seed", ["![", "a\n\n", "|a|\n|-|\n"], ids=["images", "lines", "rows"])
async def test_others_are_answered_while_markdown_that_costs_much_is(
    maintainer: AsyncClient, client: AsyncClient, seed: str
) -> None:
    values = make_values(problem=grown(seed, SIZE), gotchas=[grown(seed, SIZE)] * 5)
    stored = maintainer.post("/api/v1/entries", json=values)
    answer = await answered_meanwhile(client, stored)
    assert answer.status_code == 201, answer.text
    shown = client.get(f"/entries/{answer.json()['slug']}")
    assert (await answered_meanwhile(client, shown)).status_code == 200


async def test_queries_that_cost_much_are_answered(client: AsyncClient) -> None:
    for seed in QUERIES:
        query = (seed * 10_000)[:10_000]
        for address in ("/api/v1/search", "/api/v1/suggest", "/"):
            answer = await client.get(address, params={"q": query})
            assert answer.status_code in (200, 422, 503), (seed, answer.text)


async def test_differences_that_cost_much_are_answered(maintainer: AsyncClient) -> None:
    lines = "\n".join(f"{at % 7} {at % 11} x" for at in range(8_000))
    turned = "\n".join(reversed(lines.split("\n")))
    slug = (await create_entry(maintainer, problem=lines))["slug"]
    address = f"/api/v1/entries/{slug}/revisions"
    made = await maintainer.post(address, json={"base": 1, "problem": turned})
    assert made.status_code == 201
    stale = await maintainer.post(address, json={"base": 1, "problem": lines.replace("x", "y")})
    assert stale.status_code in (201, 409, 503)
    compared = await maintainer.get(f"/api/v1/entries/{slug}/compare/1...2")
    assert compared.status_code in (200, 503)
    page = await maintainer.get(f"/entries/{slug}/compare/1...2")
    assert page.status_code in (200, 503)


async def test_a_heading_full_of_blanks_is_written_to_a_file(maintainer: AsyncClient) -> None:
    # Once in quadratic time, on the event loop: 19 seconds for this one.
    made = await create_entry(maintainer, problem="## a" + " \t" * 45_000 + "b")
    file = await maintainer.get(f"/entries/{made['slug']}.md")
    assert file.status_code == 200
    assert f"\\{made['problem']}" in file.text


LONG = {"problem": "x" * 90_000, "why": "y" * 95_000, "gotchas": ["z" * 60_000]}
TOO_LONG = "is the longest part of"


async def test_an_entry_too_long_in_all_is_refused_with_its_longest_field(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    refused = await maintainer.post("/api/v1/entries", json=make_values(**LONG))
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert fault["field"] == "why"
    assert TOO_LONG in fault["message"]

    slug = (await create_entry(maintainer, problem=LONG["problem"]))["slug"]
    change = {"base": 1} | {name: LONG[name] for name in ("why", "gotchas")}
    answer = await maintainer.post(f"/api/v1/entries/{slug}/revisions", json=change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "why")

    lines = json.dumps(make_values(**LONG))
    kind = {"content-type": "application/x-ndjson"}
    report = await maintainer.post("/api/v1/import", content=lines, headers=kind)
    assert TOO_LONG in report.text
    assert '"rejected": 1' in report.text


async def test_a_form_too_long_in_all_comes_back_with_what_was_typed(client: AsyncClient) -> None:
    values = {**LONG, "title": "A title that is sound", "tags": "long", "category": "gotcha"}
    page = await client.post("/entries", data=values | {"severity": "minor", "action": "save"})
    assert page.status_code == 422
    assert TOO_LONG in page.text
    assert "y" * 95_000 in page.text


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, '{"tags": ' + "[" * 50_000])
async def test_json_that_nests_deep_is_refused(maintainer: AsyncClient, body: str) -> None:
    kind = {"content-type": "application/json"}
    answer = await maintainer.post("/api/v1/entries", content=body, headers=kind)
    assert answer.status_code in (400, 422)
    lines = {"content-type": "application/x-ndjson"}
    report = await maintainer.post("/api/v1/import", content=body, headers=lines)
    assert report.status_code == 200
    assert '"rejected": 1' in report.text


@pytest.mark.parametrize("quote", ['"\\', '"""\\', "'''a"])
def test_front_matter_whose_quotes_do_not_close_is_refused(quote: str) -> None:
    # Once in quadratic time: 13 seconds for this one.
    with pytest.raises(KbError):
        parse_entry_file(f"+++\na = {quote * 50_000}\n+++\n\n## Problem\n\nx\n", slug="a")


@pytest.mark.parametrize(
    "front", ["a = " + "[" * 20_000, "a = " + "{a=" * 20_000, ".".join("a" * 20_000) + " = 1"]
)
def test_front_matter_that_nests_deep_is_refused(front: str) -> None:
    with pytest.raises((KbError, ValueError)):
        parse_entry_file(f"+++\n{front}\n+++\n\n## Problem\n\nx\n", slug="a")
