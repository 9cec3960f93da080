"""Cursors: where in a list the next page begins, as opaque text (pure)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from kb.errors import FieldError, Invalid


def encode(*position: str | int) -> str:
    """Return the cursor that `decode` turns back into `position`."""
    return urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> list[str | int]:
    """Return the position that the cursor stands for: one value of each of `kinds`.

    Raises:
        Invalid: this is no cursor, or one of another list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = json.loads(urlsafe_b64decode(padded))
    except ValueError:
        position = None
    if not isinstance(position, list) or [type(value) for value in position] != list(kinds):
        message = "is not a cursor of this list; take it from the `next` of an answer"
        raise Invalid(f"The cursor {message}.", (FieldError("cursor", message),))
    return position
