"""Every tag with the number of its entries, counted anew only after something has changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kb.accounts.policy import Action, Actor, require
from kb.db.database import Database, ReadSession
from kb.entries import tallies


@dataclass(frozen=True, slots=True)
class CountedTag:
    """A tag, and how many entries have it; archived ones do not count."""

    tag: str
    count: int


class TagSort(StrEnum):
    """Orders a list of tags can have."""

    COUNT = "count"
    NAME = "name"


class TagQuery(BaseModel):
    """Which tags are asked for, in which order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, Field(max_length=100, description="a part of the tag")] = ""
    sort: TagSort = TagSort.COUNT


class TagCounts:
    """The tags as they were counted last, with the generation of the database at that time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counting = asyncio.Lock()
        self._generation = ""
        self._by_name: Sequence[CountedTag] = ()

    async def find(self, session: ReadSession, actor: Actor, query: TagQuery) -> list[CountedTag]:
        """Return the tags that hold the text; of the most used, those of one count by name."""
        require(actor, Action.READ)
        wanted = query.q.strip().removeprefix("#").lower()
        found = [one for one in await self._all(session) if wanted in one.tag]
        return found if query.sort is TagSort.NAME else sorted(found, key=lambda one: -one.count)

    async def _all(self, session: ReadSession) -> Sequence[CountedTag]:
        async with self._counting:
            # Read before the tags: what changes between the two is counted once more, never missed.
            now = (await self._database.state()).generation
            if now != self._generation:
                self._by_name = [CountedTag(*row) for row in await tallies.tags_by_name(session)]
                self._generation = now
            return self._by_name
