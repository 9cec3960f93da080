"""The lines of exports and of reports on imports."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from kb.api.problems import Problem
from kb.api.schemas import ArchivalView
from kb.entries.schemas import EntryContent

EXPORTED = "#/components/schemas/ExportedEntry"
"""Where the description has what an import takes."""


class ExportedEntry(EntryContent):
    """An entry as an export has it. An import needs no more than an entry's own fields."""

    slug: str | None = None
    submitted_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived: ArchivalView | None = None


class ImportFault(BaseModel):
    """What is wrong with a line, and in which field; without one, with the line as a whole."""

    kind: Literal["problem"] = "problem"
    line: int
    field: str | None
    reason: str


class ImportProgress(BaseModel):
    """How many entries have been read, every thousand of them."""

    kind: Literal["progress"] = "progress"
    read: int


class ImportSummary(BaseModel):
    """The last line: how many entries became what."""

    kind: Literal["summary"] = "summary"
    created: int
    updated: int
    unchanged: int
    rejected: int
    dry_run: bool


class Failure(BaseModel):
    """The last line of an answer that could not be finished; what came before it holds."""

    kind: Literal["error"] = "error"
    error: Problem


ReportLine = ImportFault | ImportProgress | ImportSummary | Failure
