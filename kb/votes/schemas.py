"""What a vote is (pure)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

VoteValue = Annotated[int, Field(strict=True, ge=-1, le=1)]
"""Up, taken back, down."""


class NewVote(BaseModel):
    """A caller's vote on an entry: 1 is up, -1 down, and 0 takes it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: VoteValue
