"""What the forms for new entries and for revisions share."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from kb.content.markdown import RenderedEntry
from kb.entries import service as entries
from kb.entries.schemas import EntryContent, EntrySummary
from kb.errors import BadRequest
from kb.models import Entry
from kb.review.service import MAX_SUMMARY
from kb.runtime import Runtime
from kb.web.entry_form import ADD_PREFIX, REPEATED, EntryForm, differing
from kb.web.frame import Frame

SAVE, PREVIEW = "save", "preview"
ADDING = tuple(ADD_PREFIX + name for name in REPEATED)


def require_known_action(form: EntryForm) -> None:
    """Do nothing where the form's button is one of ours. Raises BadRequest."""
    if form.action not in {SAVE, PREVIEW, *ADDING}:
        raise BadRequest(f"This form has no action “{form.action}”. Nothing was saved.")


def form_page(
    frame: Frame,
    form: EntryForm,
    entry: Entry | None = None,
    *,
    status: int = 200,
    preview: tuple[EntryContent, RenderedEntry] | None = None,
    similar: Sequence[EntrySummary] | None = None,
    theirs: dict[str, str] | None = None,
    note: str = "",
) -> Response:
    """Return the form's page: for a revision of `entry`, or for a new one.

    `preview` is the draft and its HTML, `similar` the entries like it, once looked for; `theirs`
    has what other people's edits say in fields where the form says something else.
    """
    return frame.page(
        "entries/form.html",
        status=status,
        fragment="entries/_previewed.html",
        form=form,
        entry=entry,
        preview=preview,
        similar=similar,
        theirs=theirs or {},
        note=note,
        max_summary=MAX_SUMMARY,
    )


async def conflict_page(
    frame: Frame, kb: Runtime, slug: str, yours: EntryForm, note: str = ""
) -> Response:
    """Return the form again, on top of the entry as it is now and with that beside it.

    Raises NotFound.
    """
    async with kb.database.read() as session:
        entry = await entries.get(session, frame.visitor, slug)
    current = EntryForm.of(entries.content_of(entry), entry.revision)
    return form_page(
        frame,
        replace(yours, base=str(entry.revision)),
        entry,
        status=409,
        theirs=differing(current, yours),
        note=note or f"You started from revision {yours.base}.",
    )
