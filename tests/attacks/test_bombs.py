"""Small texts that cost much are answered, and nobody else waits for them.

Nothing here is held to a time: what takes too long is stopped by the worker's limit, and answered
with 503.
"""

import asyncio
from collections.abc import Awaitable

import pytest
from httpx2 import AsyncClient, Response

from tests.factories import create_entry, make_values

SIZE = 15_000
MARKDOWN = {
    "quotes": "> ",
    "quotes in lists": "> - ",
    "lists": "- ",
    "numbers": "1. ",
    "emphasis": "*a _b ",
    "stars": "*",
    "underscores": "_a",
    "strong": "**a ",
    "strikes": "~~a ",
    "brackets": "[",
    "closing brackets": "[a](",
    "images": "![",
    "links": "[a](<b",
    "references": "[a]: b\n",
    "used references": "[a][b] ",
    "backticks": "`a``b```c",
    "fences": "```\n",
    "tildes": "~~~a\n",
    "entities": "&#x41;",
    "broken entities": "&a",
    "tags": "<a ",
    "comments": "<!--",
    "autolinks": "<https://a",
    "addresses": "https://a.b/?",
    "escapes": "\\",
    "tables": "|a",
    "rows": "|a|\n|-|\n",
    "rules": "a\n-\n",
    "headings": "# a\n",
    "breaks": "a  \n",
    "spaces": " ",
    "tabs": "\ta\n",
    "lines": "a\n\n",
    "direction": "\u202ea",
    "keys": "-----BEGIN PRIVATE KEY-----\n" + "Auth: " * 5_000,
    "code": "```python\n" + "f'{" * 5,
}


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


def grown(seed: str) -> str:
    return (seed * (SIZE // len(seed) + 1))[:SIZE] + " end"


async def test_markdown_that_costs_much_is_answered(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    # In one test, because an app for each takes longer than the texts do.
    for name, seed in MARKDOWN.items():
        values = make_values(title=f"A text of {name} end to end", problem=grown(seed))
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
    values = make_values(problem=grown(seed), gotchas=[grown(seed)] * 5)
    stored = maintainer.post("/api/v1/entries", json=values)
    answer = await answered_meanwhile(client, stored)
    assert answer.status_code == 201, answer.text
    shown = client.get(f"/entries/{answer.json()['slug']}")
    assert (await answered_meanwhile(client, shown)).status_code == 200


async def test_queries_that_cost_much_are_answered(client: AsyncClient) -> None:
    for seed in ("(", '"', "a OR ", "-", "*", "tag:", "a" * 50 + " ", "\u0301", "."):
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


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, '{"tags": ' + "[" * 50_000])
async def test_json_that_nests_deep_is_refused(maintainer: AsyncClient, body: str) -> None:
    kind = {"content-type": "application/json"}
    answer = await maintainer.post("/api/v1/entries", content=body, headers=kind)
    assert answer.status_code in (400, 422)
    lines = {"content-type": "application/x-ndjson"}
    report = await maintainer.post("/api/v1/import", content=body, headers=lines)
    assert report.status_code == 200
    assert '"rejected": 1' in report.text


@pytest.mark.parametrize(
    "front", ["a = " + "[" * 20_000, "a = " + "{a=" * 20_000, ".".join("a" * 20_000) + " = 1"]
)
def test_front_matter_that_nests_deep_is_refused(front: str) -> None:
    from kb.entries.files import parse_entry_file
    from kb.errors import KbError

    with pytest.raises((KbError, ValueError)):
        parse_entry_file(f"+++\n{front}\n+++\n\n## Problem\n\nx\n", slug="a")
