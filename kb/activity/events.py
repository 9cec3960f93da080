"""What happened here, and where a list of that goes on (pure).

Things that happened at the same moment, as in an import, are told apart by what they are and by
their number, so that every one is on one page, and on one only.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from pydantic import AwareDatetime

from kb import cursors
from kb.cursors import Int64, Position


class Source(IntEnum):
    """Where an event is written down; of two at one moment, the higher is listed first."""

    REVISION = 1
    REVIEW = 2
    ARCHIVAL = 3
    RESTORATION = 4


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody did something to an entry, or to a suggestion about one."""

    at: datetime
    source: Source
    id: int
    author: str
    what: str
    """The kind of the revision, the status of the suggestion, or the name of the source."""
    number: int
    """The revision's number within its entry, or the suggestion's."""
    title: str
    slug: str | None
    """None for a suggested entry that there never was."""
    note: str | None

    @property
    def place(self) -> tuple[datetime, Source, int]:
        """Where the event stands in time, among all of them."""
        return self.at, self.source, self.id


@dataclass(frozen=True, slots=True)
class Following:
    """Whose doings are looked at, and on which entries; all of them where nothing is said."""

    author: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Teaser:
    """What a feed tells of an entry: how its problem begins, as Markdown, and its tags."""

    problem: str
    tags: list[str]


class _Place(Position):
    at: AwareDatetime
    source: Int64
    id: Int64


def cursor_at(event: Event) -> str:
    """Return the cursor of what came before the event."""
    return cursors.encode(_Place(at=event.at, source=event.source, id=event.id))


def place_at(cursor: str) -> tuple[datetime, int, int]:
    """Return the place before which the list goes on. Raises Invalid where it is no cursor."""
    place = cursors.decode(cursor, _Place)
    return place.at, place.source, place.id
