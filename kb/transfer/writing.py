"""A plan into the database: a few statements, however many records there are."""

from typing import Any

from kb.accounts import audit
from kb.accounts.audit import Event
from kb.accounts.policy import Actor
from kb.archive import repository as archive_repository
from kb.db.database import WriteSession
from kb.entries import bulk
from kb.revisions import repository as revisions_repository
from kb.transfer.plan import Known, Writes

_UNCOUNTED = {"votes": 0, "views": 0}


async def write(session: WriteSession, actor: Actor, writes: Writes, known: Known) -> None:
    """Write what is planned for the known entries; what the actor archives so is recorded."""
    ids = {slug: entry_id for slug, state in known.states.items() if (entry_id := state.id)}
    await _rewrite(session, writes, known, ids)
    ids |= await bulk.insert_all(
        session,
        [
            {"slug": slug, **_UNCOUNTED, **values}
            for slug, values in writes.entries.items()
            if slug not in ids
        ],
    )
    tagged = {
        ids[slug]: values["tags"] for slug, values in writes.entries.items() if "tags" in values
    }
    await bulk.retag(session, tagged)
    await revisions_repository.insert_all(
        session, [{"entry_id": ids[slug], **row} for slug, row in writes.revisions]
    )
    await archive_repository.insert_all(
        session, [{"entry_id": ids[slug], **dict(mark)} for slug, mark in writes.archivals]
    )
    for slug, mark in writes.archivals:
        audit.record(session, Event.ENTRY_ARCHIVED, actor.name, slug, reason=mark.reason)
    changed = writes.entries.keys() | {slug for slug, _ in writes.archivals}
    await bulk.note_changes(session, sorted(ids[slug] for slug in changed))


async def _rewrite(
    session: WriteSession, writes: Writes, known: Known, ids: dict[str, int]
) -> None:
    """Write into the entries that are there; rows of one statement have the same columns."""
    revised: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    for slug, values in writes.entries.items():
        if slug in ids:
            state = known.states[slug]
            about = {"submitted_by": state.submitted_by, "created_at": state.created_at}
            rows = revised if "revision" in values else settled
            rows.append({"entry_id": ids[slug], **values, **about})
    await bulk.rewrite_all(session, revised)
    await bulk.rewrite_all(session, settled)
