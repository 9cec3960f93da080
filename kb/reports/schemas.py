"""What a report says (pure)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from kb.entries.schemas import Line

MAX_VERSION = 100
MAX_NOTE = 1000
"""Characters of a report's version and of its note."""


class NewReport(BaseModel):
    """Whether an entry still holds, tried with which version of what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holds: StrictBool
    version: Annotated[Line, StringConstraints(min_length=1, max_length=MAX_VERSION)]
    note: Annotated[Line, StringConstraints(max_length=MAX_NOTE)] = ""
