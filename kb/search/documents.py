"""From entries to what engines are told about them, and what is shown of those that are found."""

from dataclasses import fields
from itertools import chain
from typing import Any

from kb.models import Entry
from kb.search.engine import Document
from kb.search.highlight import Passages

_SAME_NAME = [field.name for field in fields(Document) if field.name != "author"]


def document_of(entry: Entry) -> Document:
    """Return what an engine is told about the entry."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in _SAME_NAME}
    values |= {name: tuple(v) for name, v in values.items() if isinstance(v, list)}
    return Document(author=entry.submitted_by, **values)


def size_of(document: Document) -> int:
    """Return how many characters an engine has to read of the document, about."""
    prose = (document.problem, document.solution, document.why, document.context)
    lists = (document.gotchas, document.error_messages, document.keywords)
    return sum(len(text) for text in (*prose, *chain(*lists)) if text)


def passages_of(entry: Entry) -> Passages:
    """Return the texts of the entry in which a searcher looks for why it was found."""
    parts = [
        ("problem", entry.problem),
        *(("error message", text) for text in entry.error_messages),
        ("solution", entry.solution or ""),
        ("why", entry.why or ""),
        *(("gotcha", text) for text in entry.gotchas),
        ("context", entry.context or ""),
        ("keywords", ", ".join(entry.keywords)),
        ("tags", ", ".join(entry.tags)),
    ]
    return Passages(entry.title, [(field, text) for field, text in parts if text])
