"""What somebody wants to find, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.entries.selection import Facets, Selection, Sort
from kb.search.engine import CompletionKind
from kb.search.showing import FoundEntry


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody wants to find, and which part of the result to show.

    `verbatim` says that words no entry has are meant as they are typed; `cursor` is the `next` of
    the page before.
    """

    text: str
    selection: Selection
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    as_you_type: bool = False
    verbatim: bool = False
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of entries found, out of `total`, and the facets of all of them.

    `degraded` says that the index was not ready and the database answered in its place, by
    plain substrings. `did_you_mean` is the text with such words corrected as no entry has; where
    `corrected`, it is what was searched for. `next` is the cursor of the next page, if there is
    one.
    """

    items: Sequence[FoundEntry]
    total: int
    facets: Facets
    took_ms: float
    degraded: bool = False
    did_you_mean: str | None = None
    corrected: bool = False
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """What somebody may be about to type; a title comes with its entry's slug."""

    kind: CompletionKind
    text: str
    slug: str | None = None
