"""The page of numbers, and the page that says how to ask from elsewhere."""

import json
import re
import shlex
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from kb.entries.schemas import Severity
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from kb.statistics import service
from kb.statistics.schemas import LanguageCount
from kb.web.statistics import LANGUAGES, by_language
from tests.factories import create_entry
from tests.web.pages import get_page, parsed
from tests.web.test_accounts import visitor_where


@pytest.fixture(autouse=True)
def always_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FRESH_SECONDS", -1.0)


async def test_every_plot_has_a_name_a_description_and_a_table(
    maintainer: AsyncClient, client: AsyncClient, runtime: Runtime
) -> None:
    slug = (await create_entry(maintainer, title="A <b> & `code` title", language="c++"))["slug"]
    await client.get(f"/entries/{slug}")
    for address in ("/?q=title", "/?q=flibber"):
        await client.get(address)
    await runtime.views.flush()
    await runtime.searches.flush()
    answer = await maintainer.get("/stats")
    page = parsed(answer)
    plots = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)]
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", answer.text)
    assert [plot[0].text for plot in plots] == captions[:4] + captions[5:7]
    assert captions[:4] == [
        "Entries by language and severity",
        "Entries by category",
        "Entries over time",
        "Searches per day",
    ]
    assert captions[4] == "Searched for and not found"
    assert captions[7:] == ["Entries without a solution"]
    assert all(plot[1].tag == "desc" and plot[1].text for plot in plots)
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    assert not any("style" in attributes for _, attributes in page.tags)
    assert page.links["flibber"] == "/?q=flibber"
    assert page.links["A <b> & code title"] == f"/entries/{slug}"
    assert "flibber" not in (await client.get("/stats")).text


async def test_an_empty_knowledge_base_has_numbers_too(client: AsyncClient) -> None:
    page = await get_page(client, "/stats")
    assert "0 entries" in page.text
    assert "Nobody has searched" in page.text


def test_languages_beyond_the_first_are_counted_together() -> None:
    counts = [
        LanguageCount(language=f"lang{n:02}", severity=severity, count=20 - n)
        for n in range(LANGUAGES + 2)
        for severity in (Severity.MINOR, Severity.TIP)
    ]
    none = LanguageCount(language=None, severity=Severity.TIP, count=99)
    rows = by_language([none, *counts])
    assert [row.language for row in rows[:2]] == ["lang00", "lang01"]
    assert [row.language for row in rows[LANGUAGES:]] == ["others", "none"]
    assert [row.total for row in rows[LANGUAGES:]] == [2 * (8 + 7), 99]
    assert rows[0].counts[Severity.MINOR] == 20
    assert sum(row.total for row in rows) == sum(one.count for one in [none, *counts])


def blocks(html: str) -> list[str]:
    return [
        unescape(code)
        for code in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", html, re.DOTALL)
    ]


async def test_the_commands_hold_the_address_of_this_instance_and_work(
    runtime: Runtime, client: AsyncClient
) -> None:
    page = await get_page(client, "/")
    answer = await client.get(page.links["Connect"])
    for code in blocks(answer.text):
        for address in re.findall(r"http://kb\.test[^\s'\"%]*", code):
            assert (await client.get(address)).status_code == 200, address
    task = json.loads(next(code for code in blocks(answer.text) if "tasks" in code))
    assert task["tasks"][0]["args"][1] == "http://kb.test/api/v1/search"
    assert "Authorization" not in answer.text
    runtime.settings.public_url = "https://kb.example"
    assert "kb.test" not in (await client.get("/start")).text


async def test_where_reading_takes_a_token_the_commands_send_one(
    app: FastAPI, runtime: Runtime
) -> None:
    async with visitor_where(app, runtime, AnonymousAccess.NONE) as visitor:
        answer = await visitor.get("/start")
    assert answer.status_code == 200
    commands = [code for code in blocks(answer.text) if "api/v1/search" in code]
    assert len(commands) == 4
    assert all("Authorization: Bearer $" in code for code in commands)
    shell = shlex.split(commands[0].split("|")[0].split("{", 1)[1])
    assert shell[3:5] == ["-H", "Authorization: Bearer $KB_TOKEN"]
    assert json.loads(commands[2])["tasks"]
