"""A revision as an export with histories has it: one JSON object, before the one of its entry."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from sqlalchemy import Row

from kb.entries.records import BadRecord, EntryRecord, Moment, parse_record
from kb.entries.schemas import EntryContent, Printable, RevisionNumber, Slug
from kb.entries.validation import field_errors, invalid
from kb.models import RevisionKind

MAX_SUMMARY = 1000
"""Characters; more than a person may write, as some summaries are ours."""


class RevisionRecord(BaseModel):
    """One revision of the entry of that slug, as `GET …/revisions/{number}` has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug
    number: RevisionNumber
    kind: RevisionKind
    base: RevisionNumber | None = None
    merged_with: RevisionNumber | None = None
    restored: RevisionNumber | None = None
    author: Annotated[str, Printable, StringConstraints(min_length=1, max_length=200)]
    summary: Annotated[str, Printable, StringConstraints(max_length=MAX_SUMMARY)]
    created_at: Moment
    content: EntryContent

    @model_validator(mode="after")
    def _point_back(self) -> "RevisionRecord":
        for name in ("base", "merged_with", "restored"):
            other = getattr(self, name)
            if other is not None and other >= self.number:
                raise ValueError(f"{name} must be the number of an earlier revision")
        return self


Record = EntryRecord | RevisionRecord


def parse_line(data: object) -> Record:
    """Return the record in one JSON value: an entry, or a revision of one.

    Raises:
        BadRecord: it is neither, or some field is unknown or breaks its rule.
    """
    if not isinstance(data, dict) or not {"number", "content"} <= data.keys():
        return parse_record(data)
    try:
        return RevisionRecord.model_validate(data)
    except ValidationError as error:
        found = invalid(field_errors(error))
    raise BadRecord(found.detail, found.errors)


def record_of(row: Row[Any], slug: str) -> RevisionRecord:
    """Return the row of a whole revision as an export takes it."""
    values = {name: getattr(row, name) for name in RevisionRecord.model_fields if name != "slug"}
    values |= {"kind": RevisionKind(row.kind), "content": EntryContent.stored(row.content)}
    return RevisionRecord.model_construct(slug=slug, **values)


def format_revision(record: RevisionRecord) -> str:
    """Return the record as one line of JSON, without the newline."""
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False)
