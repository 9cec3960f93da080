"""Slugs: made from the title at creation, then fixed (pure)."""

from itertools import count

from slugify import slugify

from kb.entries.schemas import RESERVED_SLUGS

MAX_LENGTH = 100


def slug_from_title(title: str, taken: set[str]) -> str:
    """Return a slug that says what the title says and is not among those taken."""
    base = base_slug(title)
    if base not in taken and base not in RESERVED_SLUGS:
        return base
    for number in count(2):
        ending = f"-{number}"
        slug = base[: MAX_LENGTH - len(ending)].rstrip("-") + ending
        if slug not in taken:
            return slug
    raise AssertionError  # count() never ends


def base_slug(title: str) -> str:
    """Return the slug that the title would have if no other entry had it."""
    return slugify(title, max_length=MAX_LENGTH, word_boundary=True) or "entry"


def slug_beginning(title: str) -> str:
    """Return what every slug made from the title begins with, numbered or not."""
    return base_slug(title)[: MAX_LENGTH - 10]
