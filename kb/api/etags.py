"""Entity tags: an entry's revision number names its state (RFC 9110, section 8.8.3)."""

import re

from kb.errors import BaseRequired, FieldError, Invalid

_REVISION = re.compile(r'"r([1-9][0-9]{0,8})(?:\.md)?"')


def etag(revision: int, *, markdown: bool = False) -> str:
    """Return the entity tag of a revision, as JSON or as its Markdown file, quotes included."""
    return f'"r{revision}{".md" if markdown else ""}"'


def base_of(if_match: str | None, base: int | None) -> int:
    """Return the revision an edit started from: as If-Match says, or the body.

    Raises:
        BaseRequired: neither says.
        Invalid: the header is none of our tags, or the two differ.
    """
    if if_match is None:
        if base is None:
            raise BaseRequired(
                "Send the ETag of the entry you started from as If-Match, or `base` in the body."
            )
        return base
    found = _REVISION.fullmatch(if_match.strip())
    if not found or (base is not None and base != int(found[1])):
        message = 'must be one tag such as "r7", and agree with `base` where both are sent'
        raise Invalid(f"If-Match {message}.", (FieldError("If-Match", message),))
    return int(found[1])
