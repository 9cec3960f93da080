"""Looking at what happened, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from kb.accounts.policy import Action, Actor, require
from kb.activity import repository
from kb.activity.events import Event, Source, cursor_at, place_at
from kb.db.database import ReadSession

PAGE_SIZE = 50
FEED_SIZE = 50


@dataclass(frozen=True, slots=True)
class Activity:
    """A page of events, and the cursor of the next one, if there is one."""

    events: list[Event]
    next: str | None


async def activity(
    session: ReadSession, actor: Actor, author: str | None = None, cursor: str | None = None
) -> Activity:
    """Return what happened last, or before the cursor: everything, or what one author did.

    Raises:
        Invalid: the cursor is none of this list.
    """
    require(actor, Action.READ)
    before = place_at(cursor) if cursor else None
    found = [
        event
        for source in Source
        for event in await repository.newest(session, source, PAGE_SIZE + 1, author, before)
    ]
    found.sort(key=lambda event: event.place, reverse=True)
    events = found[:PAGE_SIZE]
    return Activity(events, cursor_at(events[-1]) if len(found) > PAGE_SIZE else None)


async def feed(session: ReadSession, actor: Actor) -> Sequence[Row[Any]]:
    """Return the newest revisions, for programs that follow what is new."""
    require(actor, Action.READ)
    return await repository.feed(session, FEED_SIZE)
