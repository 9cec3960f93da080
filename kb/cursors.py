"""Cursors: where in a list the next page begins, as opaque text (pure).

A cursor grants nothing that its list does not, so it carries a checksum and no signature: what was
mistyped, cut short or made up is told from what we gave out, and needs no key that a second server
or a restored copy would have to share.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kb.errors import FieldError, Invalid

Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""What a database can compare with."""

MAX_JSON = 200_000
"""Characters of a position: what a cursor may unpack to."""

_CHECKSUM = 6
_RAW_DEFLATE = -zlib.MAX_WBITS


class Position(BaseModel):
    """Where a list goes on; subclasses say by what."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


P = TypeVar("P", bound=Position)


def encode(position: Position) -> str:
    """Return the cursor that `decode` turns back into `position`."""
    packed = zlib.compress(position.model_dump_json().encode(), wbits=_RAW_DEFLATE)
    return _text(_checksum(packed) + packed)


def decode(cursor: str, kind: type[P]) -> P:
    """Return the position that the cursor stands for.

    Raises:
        Invalid: it is no cursor, or one of another kind of list.
    """
    try:
        return kind.model_validate_json(_unpacked(cursor))
    except (ValueError, zlib.error):
        message = "is not a cursor of this list; take it from the `next` of an answer"
        raise Invalid(f"The cursor {message}.", (FieldError("cursor", message),)) from None


def _unpacked(cursor: str) -> bytes:
    raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    checksum, packed = raw[:_CHECKSUM], raw[_CHECKSUM:]
    # The decoder passes over what is not base64 and over spare bits of the last character.
    if checksum != _checksum(packed) or cursor != _text(raw):
        raise ValueError("changed on its way")
    return zlib.decompressobj(_RAW_DEFLATE).decompress(packed, MAX_JSON)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _checksum(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_CHECKSUM, person=b"kb cursor").digest()
