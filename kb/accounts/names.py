"""What people and programs may be called (pure)."""

import re
import unicodedata

from kb.errors import FieldError, Invalid

MAX_NAME = 40
MAX_LABEL = 60
RULE = f"may hold only a-z, 0-9 and . _ - between them, 1 to {MAX_NAME} characters"
RESERVED = frozenset({"anonymous", "kb"})
"""What pages call those who are nobody in particular."""

OWNER = "owner"
"""What the audit log calls the command line, and the first start the account that it makes."""

# Letters that look like others would let one person pass for another (Unicode TR 36).
_NAME = re.compile(rf"(?=.{{1,{MAX_NAME}}}\Z)[a-z0-9]+(?:[._-]+[a-z0-9]+)*")


def known_as(text: str) -> str:
    """Return the name in the one form in which it is kept: in lower case."""
    return text.strip().lower()


def checked_name(text: str) -> str:
    """Return the name to keep.

    Raises:
        Invalid: nobody may be called this.
    """
    name = known_as(text)
    if not _NAME.fullmatch(name):
        raise Invalid(f"name {RULE}.", (FieldError("name", RULE),))
    if name in RESERVED:
        message = "is taken by kb itself; choose another one"
        raise Invalid(f"name {message}.", (FieldError("name", message),))
    return name


def chosen_name(text: str) -> str:
    """Return the name that somebody new has chosen.

    Raises:
        Invalid: nobody may be called this, or nobody may call themselves this.
    """
    name = checked_name(text)
    if name == OWNER:
        message = "is taken; choose another one"
        raise Invalid(f"name {message}.", (FieldError("name", message),))
    return name


def checked_label(text: str) -> str:
    """Return what somebody calls a thing of their own, on one line.

    Raises:
        Invalid: it is empty, too long, or cannot be shown.
    """
    label = " ".join(text.split())
    if label and len(label) <= MAX_LABEL and label.isprintable():
        return label
    message = f"must have 1 to {MAX_LABEL} characters that can be shown"
    raise Invalid(f"name {message}.", (FieldError("name", message),))


def name_like(text: str) -> str:
    """Return the name closest to what somebody is called elsewhere; `member` where none is."""
    plain = unicodedata.normalize("NFKD", text.partition("@")[0])
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    name = "-".join(words)[: MAX_NAME - 5].strip("-")  # room for a number
    return name if name and name not in {*RESERVED, OWNER} else "member"
