"""An entry as imports bring it and exports take it, and its form as one JSON object.

Two shapes of JSON object are read: our own export (which is also the API's entry, whose derived
fields are passed over), and entries collected from public repositories, known by their `source`.
"""

import json
import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)

from kb.entries.schemas import TAG_PATTERN, EntryContent, Line, Remark, Slug
from kb.entries.validation import field_errors, invalid
from kb.errors import FieldError, Invalid

META = ("slug", "submitted_by", "created_at", "updated_at", "archived")
"""What a record says about an entry beside its content."""
_DERIVED = frozenset({"revision", "votes", "views", "url"})
_TAG = re.compile(TAG_PATTERN)
_NOT_IN_TAGS = re.compile(r"[^a-z0-9.+#]+")
_MAX_TAG = 50


class BadRecord(Invalid):
    """A record that cannot become an entry; `line` is where in its file, if known."""

    def __init__(
        self, detail: str, errors: tuple[FieldError, ...] = (), line: int | None = None
    ) -> None:
        super().__init__(detail, errors)
        self.line = line


def _not_a_number(value: object) -> object:
    if isinstance(value, str | datetime):
        return value
    raise ValueError("must be an RFC 3339 date and time")


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc), BeforeValidator(_not_a_number)]


Name = Annotated[Line, StringConstraints(min_length=1, max_length=200)]
"""Who did something."""


class ArchivedMark(BaseModel):
    """Why, by whom and when an entry was archived, if it still is."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    reason: Remark
    archived_by: Name
    archived_at: Moment


class EntryRecord(BaseModel):
    """What an import brings and an export takes; None is left for the importer to decide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug | None = None
    content: EntryContent
    submitted_by: Name | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    archived: ArchivedMark | None = None


class _Source(BaseModel):
    """Where a collected entry was taken from."""

    model_config = ConfigDict(extra="forbid")

    repo: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    path: Annotated[str, StringConstraints(min_length=1)]
    licence: str | None = None

    @property
    def url(self) -> str:
        return f"https://github.com/{self.repo}/blob/HEAD/{quote(self.path)}"


def build_record(data: dict[str, object]) -> EntryRecord:
    """Return the record that these fields, content and `META` in one mapping, make.

    Raises:
        Invalid: some field breaks its rule; `errors` has them all.
    """
    meta = {name: data[name] for name in META if name in data}
    content = {name: value for name, value in data.items() if name not in META}
    try:
        return EntryRecord.model_validate({**meta, "content": content})
    except ValidationError as error:
        faults = field_errors(error)
    raise invalid(
        tuple(FieldError(one.field.removeprefix("content."), one.message) for one in faults)
    )


def _source_url(source: object) -> str:
    try:
        return _Source.model_validate(source).url
    except ValidationError as error:
        faults = field_errors(error)
    raise invalid(
        tuple(FieldError(f"source.{one.field}".rstrip("."), one.message) for one in faults)
    )


def _as_tag(word: str) -> str:
    return _NOT_IN_TAGS.sub("-", word.lower()).strip("-")[:_MAX_TAG]


def _fit(data: dict[str, object]) -> dict[str, object]:
    """Return a collected entry with its source as a reference and its tags in our spelling.

    A tag that has to be spelt otherwise stays among the keywords as it was. What is no list, or no
    list of words, is left for validation to refuse.
    """
    fitted = {name: value for name, value in data.items() if name != "source"}
    lists = {name: fitted.get(name, []) for name in ("references", "tags", "keywords")}
    references, tags, keywords = lists.values()
    url = _source_url(data["source"])
    if isinstance(references, list):
        fitted["references"] = [*references, url]
    if isinstance(tags, list) and isinstance(keywords, list):
        odd = [tag for tag in tags if isinstance(tag, str) and not _TAG.match(tag.lower())]
        spelt = [_as_tag(tag) if tag in odd else tag for tag in tags]
        fitted["tags"] = [tag for tag in spelt if tag != ""]
        fitted["keywords"] = [*keywords, *odd]
    return fitted


def parse_record(data: object) -> EntryRecord:
    """Return the record in one JSON value, an object of either shape.

    Raises:
        BadRecord: it is no object, or some field is unknown or breaks its rule.
    """
    if not isinstance(data, dict):
        raise BadRecord("an entry must be a JSON object")
    fields = {name: value for name, value in data.items() if name not in _DERIVED}
    try:
        return build_record(_fit(fields) if "source" in fields else fields)
    except Invalid as error:
        raise BadRecord(error.detail, error.errors) from None


def format_record(record: EntryRecord) -> str:
    """Return the record as one line of JSON, without the newline."""
    fields = record.model_dump(mode="json")
    content = fields.pop("content")
    if fields["archived"] is None:
        del fields["archived"]
    return json.dumps({"slug": fields.pop("slug"), **content, **fields}, ensure_ascii=False)
