"""A walk over every page: a knowledge base with something of everything in it, and its links."""

import re

from httpx2 import AsyncClient

from tests.factories import create_entry, revise
from tests.web.pages import Fields, Page, get_page, send

# Pages that no link on a page leads to; those that do not exist yet are pages that say so.
UNLINKED = [
    "/?q=zzyzx",
    "/?q=loop&tag=asyncio&sort=newest",
    "/?sort=nonsense",
    "/nowhere",
    "/entries/nowhere",
    "/entries/old-advice-nobody-needs",
    "/entries/new?title=Sleeping in an endpoint stalls others",
    "/sign-in?token=spent",
    "/start",
    "/stats",
    "/account",
    "/review/1",
    "/review/2",
    "/review/3",
    "/review/2/accept",
    "/docs",
]
WHOLE = {
    "title": "Sleeping in an endpoint stalls the others",
    "language": "python",
    "framework": "fastapi",
    "environment": ["linux"],
    "tags": ["asyncio", "fastapi"],
    "keywords": ["blocking"],
    "error_messages": ["RuntimeError: the loop is late", "TimeoutError"],
    "problem": "`sleep` holds it.\n\n```python\ntime.sleep(1)\n```\n\n| a | b |\n|-|-|\n| 1 | 2 |",
    "solution": "# First\n\nUse `asyncio.sleep`.\n\n1. one\n2. two\n\n> said\n\n```\nno\n```",
    "why": "There is *one* loop.\n\n---\n\n[More](https://a.example/)",
    "gotchas": ["A thread does not help.", "- nor\n- this"],
    "context": "Under load.",
    "applies_to": "fastapi >= 0.100",
    "references": ["https://a.example/loop"],
}


async def furnish(maintainer: AsyncClient, visitor: AsyncClient) -> str:
    """Create entries, revisions, suggestions that fit and that do not, reports and an archival.

    Returns the slug of the entry that has most of it.
    """
    slug = (await create_entry(maintainer, **WHOLE))["slug"]
    await suggest(visitor, slug, why="Another reason for it.")
    await revise(maintainer, slug, 1, why="There is **one** loop.", summary="Say it louder")
    await suggest(visitor, slug, context="On Tuesdays.", base=2)
    await visitor.post("/api/v1/entries", json=WHOLE | {"title": "An entry that is suggested"})
    await create_entry(maintainer, title="Nobody knows what to do about this", tags=["c++"])
    old = await create_entry(maintainer, title="Old advice nobody needs", tags=["old"])
    await maintainer.post(f"/api/v1/entries/{old['slug']}/archive", json={"reason": "Outdated"})
    report = {"holds": False, "version": "fastapi 0.165", "note": "Fixed there."}
    await maintainer.post(f"/api/v1/entries/{slug}/reports", json=report)
    return str(slug)


async def suggest(visitor: AsyncClient, slug: str, base: int = 1, **changes: str) -> None:
    """Suggest a revision."""
    body = {"base": base, "summary": "A suggestion", **changes}
    answer = await visitor.post(f"/api/v1/entries/{slug}/revisions", json=body)
    assert answer.status_code == 202, answer.text


async def walk(client: AsyncClient, slug: str) -> dict[str, str]:
    """Return the HTML of every page that links lead to, one of each kind, by address.

    Of the entries, it is the one with that slug.
    """
    found: dict[str, str] = {}
    kinds: set[str] = set()
    waiting = ["/", f"/entries/{slug}", *UNLINKED]
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if address in found or (address not in UNLINKED and kind in kinds):
            continue
        answer = await client.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if address not in UNLINKED:
            kinds.add(kind)
        found[address] = answer.text
        links = [href.partition("#")[0] for href in Page(answer.text).addresses]
        waiting += sorted(href for href in links if href.startswith("/"))
    return found


def kind_of(address: str) -> str:
    """Return what pages of one kind have in common: the path without names and numbers."""
    path = address.partition("?")[0]
    return re.sub(r"[0-9]+", "0", re.sub(r"^/(entries|problems)/(?!new$)[^/]+", r"/\1/x", path))


async def answers_to_forms(
    owner: AsyncClient, maintainer: AsyncClient, slug: str
) -> dict[str, str]:
    """Return the HTML of what the entry form answers: mistakes, a preview, a conflict …"""
    address = f"/entries/{slug}/revisions"
    form = (await get_page(owner, f"/entries/{slug}/revise")).forms["entry-form"]
    bad = form.filled(title="short", tags="no such tag!", action="save")
    found = {
        "mistakes": await posted(owner, address, [*bad, ("gotchas", "\x07"), ("summary", "")]),
        "preview": await posted(owner, address, form.filled(action="preview")),
        "another box": await posted(owner, address, form.filled(action="add-gotchas")),
        "nothing changed": await posted(owner, address, form.filled(action="save")),
        "unknown action": await posted(owner, address, form.filled(action="dance")),
    }
    base = int(dict(form.fields)["base"])
    await revise(maintainer, slug, base, why="Theirs", context="Theirs", gotchas=["Theirs"])
    clash = form.filled(why="Mine", context="Mine", gotchas="Mine", action="save")
    return found | {"conflict": await posted(owner, address, clash)}


async def posted(client: AsyncClient, action: str, fields: Fields) -> str:
    """Return the HTML that a form is answered with."""
    once = dict.fromkeys(name for name, _ in fields if name == "summary")
    rest = [pair for pair in fields if pair[0] not in once]
    answer = await send(client, action, rest)
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    return answer.text
