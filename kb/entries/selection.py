"""Which entries are meant, and in which order: the facets and sorts of the public contract."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from kb.entries.schemas import Category, Severity, Tag, Word

PAGE_SIZE = 20

MAX_FACET_VALUES = 100
"""Values a facet names, the most frequent first; values that are chosen are always named."""


class Sort(StrEnum):
    """Orders a list can have; relevance is the newest first where there is no query."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    UPDATED = "updated"
    VOTES = "votes"
    VIEWS = "views"

    @property
    def field(self) -> str:
        """The field of an entry whose highest value comes first."""
        return _FIELDS[self]


_FIELDS = {
    Sort.RELEVANCE: "created_at",
    Sort.NEWEST: "created_at",
    Sort.UPDATED: "updated_at",
    Sort.VOTES: "votes",
    Sort.VIEWS: "views",
}


class Selection(BaseModel):
    """Facet values chosen: an entry has all of the tags, and one of the values of each other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Annotated[list[Category], Field(max_length=5)] = []
    severity: Annotated[list[Severity], Field(max_length=5)] = []
    language: Annotated[list[Word], Field(max_length=20)] = []
    framework: Annotated[list[Word], Field(max_length=20)] = []
    tag: Annotated[list[Tag], Field(max_length=20)] = []

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Return the chosen values by facet, in the facets' order; empty ones too."""
        return {name: tuple(getattr(self, name)) for name in FACETS}

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return any(self.chosen().values())

    def alternatives(self) -> dict[str, "Selection"]:
        """Return, by facet of which one value is enough, the selection without what it narrows.

        Its values are counted over that, so that a second one can be chosen beside the first. An
        entry has all of the tags: theirs are counted over the result.
        """
        narrowing = [name for name, values in self.chosen().items() if values and name != "tag"]
        return {name: self.model_copy(update={name: []}) for name in narrowing}


FACETS = tuple(Selection.model_fields)
"""The facets in the order in which pages show them."""


class FacetValue(TypedDict):
    """A value of a facet, how many entries of the result have it, and whether it is chosen."""

    value: str
    count: int
    selected: bool


Facets = dict[str, list[FacetValue]]


def facets_from_counts(counts: Mapping[str, Mapping[str, int]], selection: Selection) -> Facets:
    """Return the facets for `counts` (by facet: value and number), chosen values marked.

    Only the most frequent ones are named. A chosen value is always among them, with 0 where no
    entry of the result has it, so that it can be taken off.
    """
    facets: Facets = {}
    for name, chosen in selection.chosen().items():
        numbers = dict.fromkeys(chosen, 0) | dict(counts.get(name, {}))
        ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
        rest = [item for item in ordered[MAX_FACET_VALUES:] if item[0] in chosen]
        facets[name] = [
            {"value": value, "count": count, "selected": value in chosen}
            for value, count in ordered[:MAX_FACET_VALUES] + rest
        ]
    return facets
