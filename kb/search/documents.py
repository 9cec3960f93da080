"""From entries to what engines are told about them."""

from dataclasses import fields
from itertools import chain
from typing import Any

from kb.models import Entry
from kb.search.engine import Document

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
