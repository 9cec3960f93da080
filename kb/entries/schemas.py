"""What an entry consists of, and the rules each field obeys (the public contract's table)."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError


class Category(StrEnum):
    """The kinds of entry."""

    GOTCHA = "gotcha"
    PATTERN = "pattern"
    PRINCIPLE = "principle"
    SNIPPET = "snippet"
    DEBUG = "debug"


class Severity(StrEnum):
    """How much it hurts, worst first."""

    CRITICAL = "critical"
    MAJOR = "major"
    MODERATE = "moderate"
    MINOR = "minor"
    TIP = "tip"


SLUG_PATTERN = r"^[a-z0-9-]{1,100}$"
RESERVED_SLUGS = frozenset({"new"})
"""Slugs no entry has, because pages of ours stand at their addresses."""
TAG_PATTERN = r"^[a-z0-9.+#-]{1,50}$"
MAX_TITLE = 200
"""Characters a title may have."""
MAX_PROSE = 100_000
"""Characters a Markdown field may hold."""
MAX_TEXT = 200_000
"""Characters of an entry in all: whatever reads an entry takes the longer the more it holds.

The longest entry of a corpus of 2,000 has 8,000.
"""
MAX_ITEMS = 50
"""Items a list field may hold, tags apart."""
MAX_REMARK = 300
"""Characters of a line to other people."""

# C0 controls but tab and newline, DEL, and the code points no UTF-8 text may hold.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _normalise(value: object) -> object:
    """Unify newlines, drop leading blank lines and trailing white space."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return re.sub(r"\A(?:[ \t]*\n)+", "", text)


def _printable(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("contains a control character; remove it")
    return text


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _without_repeats(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _not_reserved(slug: str) -> str:
    if slug in RESERVED_SLUGS:
        raise ValueError("is the address of another page; choose another slug")
    return slug


_http_url = TypeAdapter(AnyHttpUrl)


def _is_http_url(text: str) -> str:
    try:
        _http_url.validate_python(text)
    except ValueError:
        raise ValueError("must be an http or https URL") from None
    return text


Printable = AfterValidator(_printable)
Line = Annotated[str, Printable, BeforeValidator(_one_line)]
"""Plain text on one line."""
Prose = Annotated[
    str,
    Printable,
    StringConstraints(min_length=1, max_length=MAX_PROSE),
    BeforeValidator(_normalise),
]
"""Markdown."""
OptionalProse = Annotated[Prose | None, BeforeValidator(_none_if_empty)]
Word = Annotated[Line, StringConstraints(min_length=1, max_length=50), BeforeValidator(_lower)]
OptionalWord = Annotated[Word | None, BeforeValidator(_none_if_empty)]
Tag = Annotated[Line, StringConstraints(pattern=TAG_PATTERN), BeforeValidator(_lower)]
Tags = Annotated[list[Tag], Field(min_length=1, max_length=20), AfterValidator(_without_repeats)]
Title = Annotated[Line, StringConstraints(min_length=10, max_length=MAX_TITLE)]
Phrase = Annotated[Line, StringConstraints(min_length=1, max_length=200)]
Remark = Annotated[Line, StringConstraints(min_length=1, max_length=MAX_REMARK)]
"""A line to other people: why something was done."""
Url = Annotated[Line, StringConstraints(max_length=2000), AfterValidator(_is_http_url)]
Unrepeated = AfterValidator(_without_repeats)
RevisionNumber = Annotated[int, Field(ge=1, lt=2**31)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN), AfterValidator(_not_reserved)]


class EntryContent(BaseModel):
    """Everything about an entry that a revision holds: what people write and change."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)

    title: Title
    category: Category = Category.GOTCHA
    severity: Severity = Severity.MODERATE
    language: OptionalWord = None
    framework: OptionalWord = None
    environment: Annotated[list[Word], Field(max_length=MAX_ITEMS), Unrepeated] = []
    tags: Tags
    keywords: Annotated[list[Phrase], Field(max_length=MAX_ITEMS), Unrepeated] = []
    error_messages: Annotated[list[Prose], Field(max_length=MAX_ITEMS), Unrepeated] = []
    problem: Prose
    solution: OptionalProse = None
    why: OptionalProse = None
    gotchas: Annotated[list[Prose], Field(max_length=MAX_ITEMS)] = []
    context: OptionalProse = None
    applies_to: Annotated[
        Annotated[Line, StringConstraints(max_length=200)] | None, BeforeValidator(_none_if_empty)
    ] = None
    references: Annotated[list[Url], Field(max_length=MAX_ITEMS), Unrepeated] = []

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        total = size_of(self)
        if total <= MAX_TEXT:
            return self
        sizes = sizes_of(self)
        message = f"is the longest part of {total:,} characters; an entry may have {MAX_TEXT:,}"
        longest = max(sizes, key=lambda name: sizes[name])
        fault = InitErrorDetails(
            type=PydanticCustomError("too_much", message), loc=(longest,), input=None
        )
        raise ValidationError.from_exception_data(type(self).__name__, [fault])

    @classmethod
    def stored(cls, values: Mapping[str, Any]) -> "EntryContent":
        """Return the content that these values of ours hold.

        They were validated when they came in; rules that were tightened since then do not make
        an old revision unreadable.
        """
        kinds = {"category": Category(values["category"]), "severity": Severity(values["severity"])}
        return cls.model_construct(**{name: values[name] for name in cls.model_fields} | kinds)


def sizes_of(content: EntryContent) -> dict[str, int]:
    """Return how many characters each field holds."""
    values = {name: getattr(content, name) or "" for name in EntryContent.model_fields}
    return {
        name: sum(map(len, value)) if isinstance(value, list) else len(value)
        for name, value in values.items()
    }


def size_of(content: EntryContent) -> int:
    """Return how many characters an entry holds."""
    return sum(sizes_of(content).values())


class EntrySummary(BaseModel):
    """What a list shows of an entry."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int = Field(exclude=True)
    slug: str
    title: str
    category: Category
    severity: Severity
    language: str | None
    framework: str | None
    tags: list[str]
    votes: int
    views: int
    created_at: datetime
    updated_at: datetime
