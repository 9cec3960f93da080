"""Builders of test data: valid by default, what matters said by the test."""

from typing import Any

from httpx2 import AsyncClient

from kb.entries.schemas import EntryContent


def make_values(**changes: object) -> dict[str, Any]:
    """Return the JSON of a valid entry, with these changes."""
    return {
        "title": "Sleeping in an endpoint stalls the others",
        "tags": ["asyncio"],
        "problem": "`time.sleep` holds the event loop.",
    } | changes


def make_content(**changes: object) -> EntryContent:
    """Return the content of a valid entry, with these changes."""
    return EntryContent.model_validate(make_values(**changes))


async def create_entry(client: AsyncClient, **changes: object) -> dict[str, Any]:
    """Create an entry through the API; return it as the API shows it."""
    answer = await client.post("/api/v1/entries", json=make_values(**changes))
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def revise(client: AsyncClient, slug: str, base: int, **changes: object) -> int:
    """Revise an entry through the API; return the answer's status."""
    answer = await client.post(f"/api/v1/entries/{slug}/revisions", json={"base": base} | changes)
    return answer.status_code
