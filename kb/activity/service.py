"""Looking at what happened, the newest first."""

from dataclasses import dataclass

from kb.accounts.policy import Action, Actor, require
from kb.activity import repository
from kb.activity.events import Event, Following, Source, Teaser, cursor_at, place_at
from kb.db.database import ReadSession

PAGE_SIZE = 50
TEASER = 600
"""Characters of Markdown that a feed reads of an entry."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A page of events, and the cursor of the next one, if there is one."""

    events: list[Event]
    next: str | None


async def activity(
    session: ReadSession, actor: Actor, following: Following, cursor: str | None = None
) -> Activity:
    """Return what happened last, or before the cursor, of what is followed.

    Raises:
        Invalid: the cursor is none of this list.
    """
    require(actor, Action.READ)
    before = place_at(cursor) if cursor else None
    found = [
        event
        for source in Source
        for event in await repository.newest(session, source, PAGE_SIZE + 1, following, before)
    ]
    found.sort(key=lambda event: event.place, reverse=True)
    events = found[:PAGE_SIZE]
    return Activity(events, cursor_at(events[-1]) if len(found) > PAGE_SIZE else None)


async def feed(
    session: ReadSession, actor: Actor, following: Following
) -> tuple[list[Event], dict[str, Teaser]]:
    """Return what happened last, for programs that follow it, and a teaser of each entry by slug.

    What happened to an archived entry stays, as in the list; what the entry says is not passed on.
    """
    events = (await activity(session, actor, following)).events
    slugs = {event.slug for event in events if event.slug}
    return events, await repository.teasers(session, slugs, TEASER)
