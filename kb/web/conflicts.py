"""Conflicts in a form: the three texts of each field that both changed, and what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kb.entries.schemas import EntryContent
from kb.errors import BadRequest, Busy
from kb.models import Entry
from kb.revisions import service as revisions
from kb.revisions.diff import DiffLine, Segment, compare_texts
from kb.revisions.service import StaleBase
from kb.runtime import Runtime
from kb.web.entry_form import BASE, MINE, THEIRS, EntryForm


@dataclass(frozen=True, slots=True)
class Sides:
    """A field in conflict: what both started from, and each side with its changes marked."""

    base: str
    theirs: tuple[DiffLine, ...]
    yours: tuple[DiffLine, ...]


def conflict_form(stale: StaleBase, form: EntryForm) -> EntryForm:
    """Return the form of what merges, based on the current revision, one's own text elsewhere."""
    merged = EntryForm.of(stale.merged, stale.current, form.summary)
    takes = {one.field: MINE for one in stale.conflicts}
    return replace(merged, since=str(stale.base), takes=takes, version=form.version)


async def sides_of(
    kb: Runtime, entry: Entry | None, form: EntryForm, yours: EntryForm | None = None
) -> Mapping[str, Sides]:
    """Return the three texts of each field of the form that has a choice between them.

    `yours` is what was typed, where that is not what is in the form.
    """
    if entry is None or not form.takes:
        return {}
    base, theirs = (EntryForm.of(one, 0) for one in await _revisions(kb, entry, form))
    texts = [
        (base.text_of(name), theirs.text_of(name), (yours or form).text_of(name))
        for name in form.takes
    ]
    changed = [(was, text) for was, *both in texts for text in both]
    try:
        lines = iter(await kb.executor.cpu(compare_texts, changed))
    except Busy:
        # Marks help to choose; without the choices, the form would lose what was chosen.
        lines = iter([_unmarked(text) for _, text in changed])
    return {
        name: Sides(was, next(lines), next(lines))
        for name, (was, *_) in zip(form.takes, texts, strict=True)
    }


def _unmarked(text: str) -> tuple[DiffLine, ...]:
    lines = enumerate(text.split("\n"), start=1)
    return tuple(
        DiffLine("insert", (Segment(line, changed=False),), None, at) for at, line in lines
    )


async def resolved(kb: Runtime, entry: Entry | None, form: EntryForm) -> dict[str, object]:
    """Return what the form says, each field in conflict as it was chosen. Raises BadRequest."""
    if unknown := set(form.takes.values()) - {MINE, THEIRS, BASE}:
        raise BadRequest(f"There is no text called {', '.join(unknown)}. Nothing was saved.")
    if entry is None or not form.takes:
        return form.values
    base, theirs = await _revisions(kb, entry, form)
    chosen = {BASE: base, THEIRS: theirs}
    takes = {name: chosen[take] for name, take in form.takes.items() if take != MINE}
    return form.values | {name: getattr(content, name) for name, content in takes.items()}


async def _revisions(
    kb: Runtime, entry: Entry, form: EntryForm
) -> tuple[EntryContent, EntryContent]:
    """Return what the entry said where both started from, and what it says now."""
    async with kb.database.read() as session:
        base = await revisions.content_at(session, entry, number_in(form.since))
        theirs = await revisions.content_at(session, entry, number_in(form.base))
    return base, theirs


def number_in(text: str) -> int:
    """Return the revision number in a hidden field. Raises BadRequest."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004
        raise BadRequest("The base must be the number of a revision. Nothing was saved.")
    return int(text)
