"""Screening an entry: what in it has to be looked at by somebody before it stands (pure)."""

from collections.abc import Iterator

from kb.entries.schemas import EntryContent
from kb.screening.findings import Finding, fields_of
from kb.screening.instructions import instructions_in
from kb.screening.secrets import secrets_in

MAX_FINDINGS = 20
"""Findings that are told; whoever looks sees the rest beside them."""


def screen(
    content: EntryContent, summary: str = "", before: EntryContent | None = None
) -> tuple[Finding, ...]:
    """Return what speaks against letting the content stand unseen, each thing once.

    What the entry says already, `before`, has been looked at.
    """
    found = {one.match: one for one in _findings(content, summary)}
    known = {one.match for one in _findings(before)} if found and before else set[str]()
    return tuple(one for match, one in found.items() if match not in known)[:MAX_FINDINGS]


def _findings(content: EntryContent, summary: str = "") -> list[Finding]:
    texts = [*fields_of(content), ("summary", summary)]
    return [one for field, text in texts for one in findings_in(field, text)]


def findings_in(field: str, text: str) -> Iterator[Finding]:
    """Yield what speaks against letting the text of a field stand unseen."""
    yield from secrets_in(field, text)
    yield from instructions_in(field, text)
