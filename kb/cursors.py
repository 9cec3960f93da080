"""Cursors: where in a list the next page begins, as opaque text (pure)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kb.errors import FieldError, Invalid

Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""What a database can compare with."""


class Position(BaseModel):
    """Where a list goes on; subclasses say by what."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


P = TypeVar("P", bound=Position)


def encode(position: Position) -> str:
    """Return the cursor that `decode` turns back into `position`."""
    return urlsafe_b64encode(position.model_dump_json().encode()).decode().rstrip("=")


def decode(cursor: str, kind: type[P]) -> P:
    """Return the position that the cursor stands for.

    Raises:
        Invalid: it is no cursor, or one of another kind of list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return kind.model_validate_json(urlsafe_b64decode(padded))
    except ValueError:
        message = "is not a cursor of this list; take it from the `next` of an answer"
        raise Invalid(f"The cursor {message}.", (FieldError("cursor", message),)) from None
