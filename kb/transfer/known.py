"""What there is of the entries that some records are about."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from kb.archive import service as archive
from kb.db.database import ReadSession
from kb.entries import bulk
from kb.entries import repository as entries_repository
from kb.entries.schemas import EntryContent
from kb.entries.slugs import slug_beginning
from kb.revisions import repository as revisions_repository
from kb.transfer.history import RevisionRecord, record_of
from kb.transfer.plan import Known, State, fingerprint
from kb.transfer.reading import Item, Located, digest_of


async def look_up(session: ReadSession, items: Iterable[Item], known: Known) -> None:
    """Add to what is known whatever the items are about and nothing is known of yet."""
    records = [item.record for item in items if isinstance(item, Located)]
    untitled = {one.content.title for one in records if not one.slug} - known.titles.keys()
    for title in untitled:
        await _look_up_title(session, title, known)
    slugs = {one.slug for one in records if one.slug}
    slugs |= {known.titles[title] for title in untitled if title in known.titles}
    await _look_up_slugs(session, sorted(slugs - known.states.keys()), known)
    revisions = [one for one in records if isinstance(one, RevisionRecord)]
    await _look_up_revisions(session, revisions, known)


async def _look_up_title(session: ReadSession, title: str, known: Known) -> None:
    beginning = slug_beginning(title)
    known.taken |= await entries_repository.slugs_like(session, beginning)
    entry = await entries_repository.by_title(session, title, beginning)
    if entry:
        known.titles[title] = entry.slug


async def _look_up_slugs(session: ReadSession, slugs: Sequence[str], known: Known) -> None:
    rows = await bulk.by_slugs(session, slugs) if slugs else []
    marks = await archive.marks(session, [row.id for row in rows]) if rows else {}
    for row in rows:
        known.states[row.slug] = State(
            slug=row.slug,
            title=row.title,
            revision=row.revision,
            digest=_digest_of(row),
            submitted_by=row.submitted_by,
            created_at=row.created_at,
            archived=marks.get(row.id),
            id=row.id,
        )


async def _look_up_revisions(
    session: ReadSession, records: Sequence[RevisionRecord], known: Known
) -> None:
    """Look up the stored revisions that these stand for, if their entries are there."""
    slugs = {state.id: state.slug for one in records if (state := known.states.get(one.slug))}
    ids = {slug: entry_id for entry_id, slug in slugs.items() if entry_id}
    places = [(ids[one.slug], one.number) for one in records if one.slug in ids]
    for row in await revisions_repository.those(session, places) if places else []:
        revision = record_of(row, slugs[row.entry_id])
        place = (revision.slug, revision.number)
        known.revisions[place] = fingerprint(revision, digest_of(revision.content))


def _digest_of(row: Row[Any]) -> bytes:
    return digest_of(EntryContent.stored(row._asdict()))
