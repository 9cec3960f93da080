"""Export and import over HTTP: lines out, lines in, and a report on them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import text

from kb.app import create_app
from kb.runtime import Runtime
from tests.conftest import client_of, token_for
from tests.factories import create_entry, make_values, revise

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines_of(answer: Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def send(client: AsyncClient, *values: object, **params: str) -> list[dict[str, Any]]:
    body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in values)
    answer = await client.post("/api/v1/import", content=body, headers=NDJSON, params=params)
    assert answer.status_code == 200, answer.text
    return lines_of(answer)


def summary(**numbers: int | bool) -> dict[str, Any]:
    none = {"created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "dry_run": False}
    return {"kind": "summary"} | none | numbers


async def test_an_export_has_every_entry_and_an_import_takes_it_back(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    first = await create_entry(maintainer, title="The first of two entries")
    await create_entry(maintainer, title="The second of two entries")
    await revise(maintainer, first["slug"], 1, why="Because.")

    answer = await client.get("/api/v1/export")

    assert answer.headers["content-disposition"] == 'attachment; filename="kb-entries.ndjson"'
    assert [line["title"] for line in lines_of(answer)] == [
        "The first of two entries",
        "The second of two entries",
    ]
    assert await send(maintainer, *answer.text.splitlines()) == [summary(unchanged=2)]


async def test_an_export_with_histories_has_the_revisions_before_their_entry(
    maintainer: AsyncClient,
) -> None:
    made = await create_entry(maintainer)
    await revise(maintainer, made["slug"], 1, why="Because.", summary="Say why")

    answer = await maintainer.get("/api/v1/export", params={"history": "true"})

    first, second, entry = lines_of(answer)
    assert (first["number"], first["kind"], first["author"]) == (1, "create", "script")
    assert (second["number"], second["summary"], second["base"]) == (2, "Say why", 1)
    assert second["content"]["why"] == entry["why"] == "Because."


async def test_each_problem_has_a_line_with_number_field_and_reason_and_good_lines_stand(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    report = await send(
        maintainer,
        make_values(slug="good"),
        make_values(title="short", tags=[]),
        "",
        "{",
        make_values() | {"x\ud800" * 1000: 1},
        make_values(slug="fine"),
    )

    assert report[:3] == [
        {
            "kind": "problem",
            "line": 2,
            "field": "title",
            "reason": "must be at least 10 characters long, is 5",
        },
        {"kind": "problem", "line": 2, "field": "tags", "reason": "needs at least 1 item"},
        {
            "kind": "problem",
            "line": 4,
            "field": None,
            "reason": "is not valid JSON: Expecting property name enclosed in double quotes",
        },
    ]
    assert (report[3]["line"], len(report[3]["field"]) <= 100) == (5, True)
    assert report[4:] == [summary(created=2, rejected=3)]
    for slug in ("good", "fine"):
        assert (await client.get(f"/api/v1/entries/{slug}")).status_code == 200


async def test_a_dry_run_changes_nothing(maintainer: AsyncClient, client: AsyncClient) -> None:
    report = await send(maintainer, make_values(slug="good"), dry_run="true")

    assert report == [summary(created=1, dry_run=True)]
    assert (await client.get("/api/v1/entries/good")).status_code == 404


async def test_a_slip_in_a_parameter_is_refused_and_changes_nothing(
    maintainer: AsyncClient,
) -> None:
    body = json.dumps(make_values())
    answer = await maintainer.post("/api/v1/import?dryrun=true", content=body, headers=NDJSON)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "dryrun")
    assert (await maintainer.get("/api/v1/entries")).json()["total"] == 0
    assert (await maintainer.get("/api/v1/export?histories=true")).status_code == 422


async def test_progress_is_told_every_thousand_entries_and_others_write_meanwhile(
    maintainer: AsyncClient, client: AsyncClient
) -> None:
    """The import is over the limit that other bodies have, too."""
    voted = (await create_entry(maintainer))["slug"]
    values = [make_values(slug=f"e{number}", why="Why. " * 100) for number in range(2500)]
    importing = asyncio.create_task(send(maintainer, *values))
    while not (await client.get("/api/v1/entries/e0")).is_success:
        assert not importing.done()
        await asyncio.sleep(0.01)

    vote = await client.post(f"/api/v1/entries/{voted}/votes", json={"value": 1})

    assert vote.status_code == 200
    assert not importing.done()
    assert await importing == [
        {"kind": "progress", "read": 1000},
        {"kind": "progress", "read": 2000},
        summary(created=2500),
    ]


@pytest.mark.parametrize("known_length", [True, False])
async def test_a_body_over_its_limit_changes_nothing(
    runtime: Runtime, maintainer: AsyncClient, known_length: bool
) -> None:
    runtime.settings.import_limit_mb = 1
    body = b"".join(
        json.dumps(make_values(slug=f"e{n}", why="w" * 90_000)).encode() + b"\n" for n in range(14)
    )

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    content = body if known_length else parts()
    answer = await maintainer.post("/api/v1/import", content=content, headers=NDJSON)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert lines_of(await maintainer.get("/api/v1/export")) == []


async def test_what_is_no_ndjson_is_not_taken(maintainer: AsyncClient) -> None:
    answer = await maintainer.post("/api/v1/import", json=[make_values()])

    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize("anyone", ["suggest", "edit"])
async def test_only_a_maintainer_may_import(app: FastAPI, runtime: Runtime, anyone: Any) -> None:
    runtime.settings.anonymous = anyone
    token = await token_for(runtime, "member")
    for headers, status in (({}, 401), ({"authorization": f"Bearer {token}"}, 403)):
        async with client_of(app, **headers) as caller:
            answer = await caller.post("/api/v1/import", content=b"{}", headers=NDJSON)
        assert answer.status_code == status


async def test_who_may_not_read_may_not_export(app: FastAPI, runtime: Runtime) -> None:
    runtime.settings.anonymous = "none"  # type: ignore[assignment]
    async with client_of(app) as visitor:
        assert (await visitor.get("/api/v1/export")).status_code == 401


async def test_an_import_needs_no_key_to_be_sent_twice(maintainer: AsyncClient) -> None:
    headers = NDJSON | {"Idempotency-Key": "same"}
    body = json.dumps(make_values(slug="one"))
    answers = [
        await maintainer.post("/api/v1/import", content=body, headers=headers) for _ in range(2)
    ]

    assert [lines_of(answer) for answer in answers] == [
        [summary(created=1)],
        [summary(unchanged=1)],
    ]


async def test_an_answer_that_fails_on_its_way_ends_with_a_line_that_says_so(
    runtime: Runtime, maintainer: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await create_entry(maintainer)
    async with runtime.database.write() as session:
        await session.exec(text("ALTER TABLE entry RENAME COLUMN problem TO issue"))  # type: ignore[call-overload]

    for answer in (
        await maintainer.get("/api/v1/export"),
        await maintainer.post("/api/v1/import", content=json.dumps(make_values()), headers=NDJSON),
    ):
        (line,) = lines_of(answer)
        assert (line["kind"], line["error"]["status"]) == ("error", 500)
        assert "issue" not in answer.text
    assert "An answer ended before it was whole" in caplog.text


async def test_a_caller_who_hangs_up_ends_the_import_and_keeps_what_is_committed(
    app: FastAPI, runtime: Runtime, maintainer: AsyncClient
) -> None:
    body = "\n".join(json.dumps(make_values(slug=f"e{n}")) for n in range(1500)).encode()
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body}]
    reported = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await reported.wait()
        return {"type": "http.disconnect"}

    async def send_(message: Any) -> None:
        if b"progress" in message.get("body", b""):
            reported.set()
            await asyncio.sleep(60)

    headers = [(name.lower().encode(), value.encode()) for name, value in NDJSON.items()]
    token = maintainer.headers["authorization"].encode()
    scope = {
        "type": "http",
        "asgi": {"spec_version": "2.3", "version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/import",
        "raw_path": b"/api/v1/import",
        "query_string": b"",
        "headers": [*headers, (b"authorization", token), (b"host", b"kb.test")],
    }
    await app(scope, receive, send_)

    assert len(lines_of(await maintainer.get("/api/v1/export"))) == 1000


def test_the_app_can_be_described() -> None:
    paths = create_app().openapi()["paths"]

    taken = paths["/api/v1/import"]["post"]["requestBody"]["content"]
    given = paths["/api/v1/export"]["get"]["responses"]["200"]["content"]
    assert list(taken) == list(given) == ["application/x-ndjson"]
