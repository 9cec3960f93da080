"""What a batch of records makes of the entries that it is about, decided before it is written.

Pure: `kb.transfer.known` says what there is, `kb.transfer.writing` writes what is planned. The
rules are those of single changes: `kb.revisions.service` and `kb.archive` have them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from kb.accounts.policy import Actor
from kb.archive.service import refusal
from kb.entries.records import ArchivedMark, EntryRecord
from kb.entries.slugs import slug_beginning, slug_from_title
from kb.models import RevisionKind
from kb.revisions.service import IMPORTED
from kb.transfer.history import RevisionRecord
from kb.transfer.reading import Item, Located, Reject


class Status(StrEnum):
    """What became of an entry's record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record; `reject` says where it stood and why it was refused."""

    status: Status
    reject: Reject | None = None


@dataclass(slots=True)
class State:
    """An entry as it is, or will be when what is planned has been written; a new one has no id."""

    slug: str
    title: str
    revision: int
    digest: bytes
    submitted_by: str
    created_at: datetime
    archived: ArchivedMark | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How far the history of one entry has been followed, whose lines stand one after another.

    `kept` says that the entry here has another history, which it keeps.
    """

    slug: str
    number: int = 0
    kept: bool = False
    status: Status = Status.UNCHANGED


@dataclass(slots=True)
class Known:
    """What is known of the entries that a batch is about, and of the slugs that are taken.

    `revisions` has, by slug and number, the digests of stored revisions.
    """

    states: dict[str, State] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    revisions: dict[tuple[str, int], bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Writes:
    """What is to be written, by slug: values of entries' columns, and rows that belong to them."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    archivals: list[tuple[str, ArchivedMark]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """Takes items one after another; `writes` and `group` are what has come of them."""

    actor: Actor
    now: datetime
    known: Known
    group: Group | None = None
    writes: Writes = field(default_factory=Writes)

    def take(self, items: Iterable[Item]) -> list[Outcome]:
        """Return what becomes of the items; a revision that is taken in is no outcome of its own.

        The record of its entry comes after it.
        """
        return [outcome for item in items if (outcome := self._take(item))]

    def _take(self, item: Item) -> Outcome | None:
        if isinstance(item, Reject):
            return Outcome(Status.REJECTED, item)
        if isinstance(item.record, RevisionRecord):
            reason = self._take_revision(item.record, item.digest)
        else:
            status, reason = self._take_entry(item.record, item.digest)
            self.group = None
            if not reason:
                return Outcome(status)
        return Outcome(Status.REJECTED, _rejected(item, reason)) if reason else None

    def _take_revision(self, record: RevisionRecord, digest: bytes) -> str:
        """Continue the history of the record's entry; return what speaks against it."""
        group = self.group
        if group is None or group.slug != record.slug:
            group = Group(record.slug)
        if group.kept:
            return ""
        if record.number != group.number + 1:
            return f"revision {record.number} does not stand right after the one before it"
        state = self.known.states.get(record.slug)
        stored = state.revision if state else 0
        if record.number <= stored:
            same = self.known.revisions.get((record.slug, record.number)) == fingerprint(
                record, digest
            )
            self.group = replace(group, number=record.number, kept=not same)
        elif state and state.archived:
            self.group = replace(group, kept=True)
        else:
            self._append(state, record, digest)
            new = record.number == 1 or group.status is Status.CREATED
            status = Status.CREATED if new else Status.UPDATED
            self.group = replace(group, number=record.number, status=status)
        return ""

    def _take_entry(self, record: EntryRecord, digest: bytes) -> tuple[Status, str]:
        """Plan the record's entry; return its status, and what speaks against it, if anything."""
        state = self._state_of(record)
        group = self.group if state and self.group and self.group.slug == state.slug else None
        status = group.status if group else Status.UNCHANGED
        if state is None:
            state = self._create(record, digest)
            status = Status.CREATED
        elif state.digest != digest:
            if state.archived:
                return status, refusal(state.archived).detail
            self._append(state, self._next(state, record), digest)
            status = _more(status)
        elif group and group.number == state.revision and not group.kept:
            status = _more(status) if self._settle(state, record) else status
        if record.archived and not state.archived:
            state.archived = record.archived
            self.writes.archivals.append((state.slug, record.archived))
            status = _more(status)
        return status, ""

    def _state_of(self, record: EntryRecord) -> State | None:
        """Return the entry that the record is about: by its slug, or else by its title."""
        slug = record.slug or self.known.titles.get(record.content.title, "")
        state = self.known.states.get(slug)
        if record.slug or state is None:
            return state
        title = record.content.title
        found = state.title == title and slug.startswith(slug_beginning(title))
        return state if found else None

    def _create(self, record: EntryRecord, digest: bytes) -> State:
        title = record.content.title
        slug = record.slug or slug_from_title(title, self.known.taken | self.known.states.keys())
        # What the record holds came about when it was last updated; its entry may be older.
        at = record.updated_at or record.created_at or self.now
        first = self._revision(slug, record, number=1, at=at)
        state = self._append(None, first, digest)
        state.created_at = record.created_at or at
        self.writes.entries[slug]["created_at"] = state.created_at
        return state

    def _next(self, state: State, record: EntryRecord) -> RevisionRecord:
        revision = self._revision(state.slug, record, number=state.revision + 1, at=self.now)
        return revision.model_copy(update={"base": state.revision})

    def _revision(
        self, slug: str, record: EntryRecord, *, number: int, at: datetime
    ) -> RevisionRecord:
        return RevisionRecord.model_construct(
            slug=slug,
            number=number,
            kind=RevisionKind.IMPORT,
            base=None,
            merged_with=None,
            restored=None,
            author=record.submitted_by or self.actor.name,
            summary=IMPORTED,
            created_at=at,
            content=record.content,
        )

    def _append(self, state: State | None, revision: RevisionRecord, digest: bytes) -> State:
        """Make the revision the newest of the entry, or the first of a new one."""
        slug, content = revision.slug, revision.content
        values = self.writes.entries.setdefault(slug, {})
        if state is None:
            state = State(
                slug, content.title, 1, digest, revision.author, created_at=revision.created_at
            )
            self.known.states[slug] = state
            self.known.titles.setdefault(content.title, slug)
            values |= {"submitted_by": state.submitted_by, "created_at": state.created_at}
        state.title, state.revision, state.digest = content.title, revision.number, digest
        values |= dict(content) | {"revision": revision.number, "updated_at": revision.created_at}
        self.writes.revisions.append((slug, _row_of(revision)))
        return state

    def _settle(self, state: State, record: EntryRecord) -> bool:
        """Take over who submitted the entry and when, which its history leaves open.

        Say whether that was something else.
        """
        by, at = record.submitted_by or state.submitted_by, record.created_at or state.created_at
        if (by, at) == (state.submitted_by, state.created_at):
            return False
        state.submitted_by, state.created_at = by, at
        values = self.writes.entries.setdefault(state.slug, {})
        values |= {"submitted_by": by, "created_at": at}
        return True


def fingerprint(revision: RevisionRecord, digest: bytes) -> bytes:
    """Return what tells the revision from every other of its number; `digest` is its content's."""
    about = revision.model_dump_json(exclude={"content", "slug"})
    return about.encode() + digest


def _more(status: Status) -> Status:
    return Status.UPDATED if status is Status.UNCHANGED else status


def _row_of(revision: RevisionRecord) -> dict[str, Any]:
    return {
        "number": revision.number,
        "kind": revision.kind,
        "base": revision.base,
        "merged_with": revision.merged_with,
        "restored": revision.restored,
        "author": revision.author,
        "summary": revision.summary,
        "created_at": revision.created_at,
        "content": revision.content.model_dump(mode="json"),
    }


def _rejected(item: Located, reason: str) -> Reject:
    return Reject(item.file, item.line, reason)
