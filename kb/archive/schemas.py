"""What is said when an entry is archived (pure)."""

from pydantic import BaseModel, ConfigDict

from kb.entries.schemas import Remark


class NewArchival(BaseModel):
    """Why an entry is to be archived."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Remark
