"""What all forms that hold an entry share: preview, saving, errors, and conflicts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from kb.content.markdown import RenderedEntry
from kb.entries.schemas import EntryContent, EntrySummary
from kb.entries.validation import validate_content
from kb.errors import (
    BadRequest,
    BaseRequired,
    Busy,
    Conflict,
    Invalid,
    KbError,
    NotSignedIn,
    TooManyRequests,
)
from kb.models import Entry
from kb.review.decisions import Draft
from kb.review.service import MAX_SUMMARY
from kb.revisions.service import StaleBase
from kb.runtime import Runtime
from kb.web.conflicts import Sides, conflict_form, number_in, resolved, sides_of
from kb.web.entry_form import ADD_PREFIX, REPEATED, EntryForm
from kb.web.frame import Frame

SUGGESTING = "What you send is a suggestion: it waits until a maintainer has looked at it."
SAVE, SUGGEST, PREVIEW = "save", "suggest", "preview"
GLANCE = "glance"
"""What htmx asks for while somebody types: the preview alone, of whatever is there by then."""
_UNTITLED = {"title": "Untitled entry", "tags": ["untagged"], "problem": "Not written yet."}
"""What a preview shows for the fields that an entry must have."""
ADDING = tuple(ADD_PREFIX + name for name in REPEATED)


@dataclass(frozen=True, slots=True)
class Task:
    """What a form is for: where it goes, what its page says, and the entry, if there is one."""

    target: str
    heading: str
    submit: str
    back: str
    entry: Entry | None = None
    lead: str = ""


Save = Callable[[Draft], Awaitable[Response]]
"""Saves what a form says; returns the answer that sends the browser on."""


def require_known_action(form: EntryForm) -> None:
    """Do nothing where the form's button is one of ours. Raises BadRequest."""
    if form.action not in {SAVE, SUGGEST, PREVIEW, GLANCE, *ADDING}:
        raise BadRequest(f"This form has no action “{form.action}”. Nothing was saved.")


def as_far_as_it_goes(values: Mapping[str, object]) -> EntryContent:
    """Return the content that the values make, without the fields that break their rules."""
    try:
        return validate_content(values)
    except Invalid as error:
        faulty = {one.field.partition(".")[0] for one in error.errors}
        return validate_content(_UNTITLED | {n: v for n, v in values.items() if n not in faulty})


async def glance(frame: Frame, kb: Runtime, values: Mapping[str, object]) -> Response:
    """Return the preview alone of a form that somebody is still typing into."""
    kb.limits.search(frame.visitor.caller)  # which costs as much
    content = as_far_as_it_goes(values)
    drawn = (content, await kb.renderer.preview(content))
    part = "entries/_preview.html"
    return frame.page(part, fragment=part, preview=drawn)


def signed_out_since(frame: Frame, form: EntryForm) -> bool:
    """Say whether the form promised to save, to somebody who may no longer do that."""
    return form.promises_to_save and not frame.may_edit


def revising(frame: Frame, entry: Entry) -> Task:
    """Return what the form for a revision of the entry is for."""
    return Task(
        target=f"/entries/{entry.slug}/revisions",
        heading="Revise",
        submit="Save" if frame.may_edit else "Suggest",
        back=f"/entries/{entry.slug}",
        entry=entry,
        lead="" if frame.may_edit else SUGGESTING,
    )


def form_page(
    frame: Frame,
    form: EntryForm,
    task: Task | None = None,
    *,
    status: int = 200,
    preview: tuple[EntryContent, RenderedEntry] | None = None,
    similar: Sequence[EntrySummary] | None = None,
    sides: Mapping[str, Sides] | None = None,
    failure: KbError | None = None,
) -> Response:
    """Return the form's page: for the task, or for a new entry.

    `preview` is the draft and its HTML, `similar` the entries like it, once looked for; `sides` has
    the three texts of each field in conflict; `failure` is why nothing was saved: said beside its
    fields where it is the text's fault, else above the form.
    """
    if isinstance(failure, Invalid):
        form = form.with_errors(failure)
    new = Task(
        target="/entries",
        heading="New entry",
        submit="Save" if frame.may_edit else "Suggest",
        back="/",
        lead="" if frame.may_edit else SUGGESTING,
    )
    response = frame.page(
        "entries/form.html",
        status=failure.status if failure else status,
        fragment="entries/_previewed.html",
        form=form,
        task=task or new,
        entry=task.entry if task else None,
        creating=task is None,
        signed_out=signed_out_since(frame, form),
        preview=preview,
        similar=similar,
        sides=sides or {},
        failure=failure,
        max_summary=MAX_SUMMARY,
    )
    response.headers.update(failure.headers if failure else {})
    return response


async def submitted(frame: Frame, kb: Runtime, form: EntryForm, task: Task, save: Save) -> Response:
    """Do what the form's button says: add a box, preview, or save; return what comes of it."""
    require_known_action(form)
    if form.action == SAVE and signed_out_since(frame, form):
        sides = await sides_of(kb, task.entry, form)
        return form_page(frame, form, task, status=NotSignedIn.status, sides=sides)
    base = _base(form) if task.entry else None
    if form.action in ADDING:
        return form_page(frame, form, task, sides=await sides_of(kb, task.entry, form))
    try:
        return await _shown_or_saved(frame, kb, form, task, base, save)
    except StaleBase as stale:
        return await conflict_page(frame, kb, stale, form, task)
    except (Invalid, Conflict, Busy, TooManyRequests) as error:
        sides = await sides_of(kb, task.entry, form)
        return form_page(frame, form, task, sides=sides, failure=error)


async def _shown_or_saved(
    frame: Frame, kb: Runtime, form: EntryForm, task: Task, base: int | None, save: Save
) -> Response:
    values = await resolved(kb, task.entry, form)
    if form.action == GLANCE:
        return await glance(frame, kb, values)
    content = validate_content(values)
    if form.action == PREVIEW:
        kb.limits.search(frame.visitor.caller)
        drawn = (content, await kb.renderer.preview(content))
        sides = await sides_of(kb, task.entry, form)
        return form_page(frame, form, task, preview=drawn, sides=sides)
    await kb.limits.write(frame.visitor.caller)
    return await save(Draft(content, form.summary, base))


async def conflict_page(
    frame: Frame,
    kb: Runtime,
    stale: StaleBase,
    form: EntryForm,
    task: Task,
    *,
    status: int = StaleBase.status,
) -> Response:
    """Return the form on top of the entry as it is now, with the three texts where they touch."""
    merged = conflict_form(stale, form)
    yours = EntryForm.of(stale.yours, stale.base)
    sides = await sides_of(kb, task.entry, merged, yours)
    task = replace(task, heading=stale.title)
    return form_page(frame, merged, task, status=status, sides=sides)


def _base(form: EntryForm) -> int:
    """Return the revision number that the form started from."""
    if not form.base:
        raise BaseRequired("Open the form anew: it did not say which revision it started from.")
    return number_in(form.base)
