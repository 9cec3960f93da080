"""What every search engine serves: the protocol, and the plain data that crosses it.

Everything here pickles, because an engine may answer from another process.
"""

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple, Protocol, Self, TypeVar

from kb.errors import KbError
from kb.search.query import Filter, Query

T = TypeVar("T")

FACETS = ("tag", "category", "severity", "language", "framework")
"""The fields whose values are counted over a result."""

MAX_OF_A_KIND = 3
"""Of tags and of identifiers at most so many complete what is typed: titles say more."""

CompletionKind = Literal["title", "tag", "identifier"]


class IndexUnavailable(KbError):
    """The index is missing, damaged or of another version; a rebuild heals it."""

    slug = "index-unavailable"
    title = "The search index is not ready"
    status = 503
    when = "the search index is being built; searches are answered by the database meanwhile"
    remedy = "try again in a moment"


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine is told about one entry."""

    id: int
    revision: int
    title: str
    problem: str
    category: str
    severity: str
    author: str
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    error_messages: tuple[str, ...] = ()
    solution: str | None = None
    why: str | None = None
    gotchas: tuple[str, ...] = ()
    context: str | None = None
    language: str | None = None
    framework: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What every hit must be: all the tags and errors named, one of each other field's values.

    The fields are named as in the search language and in the address of a page.
    """

    tag: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    excluded: tuple[Filter, ...] = ()

    def merged(self, query: Query) -> Self:
        """Return these filters and the query's own, each value once."""
        values: dict[str, tuple[object, ...]] = {
            f.name: getattr(self, f.name) for f in fields(self)
        }
        for wanted in query.filters:
            values[wanted.field] += (wanted.value,)
        values["excluded"] += query.excluded_filters
        unique = {name: tuple(dict.fromkeys(some)) for name, some in values.items()}
        return type(self)(**unique)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A parsed query and the filters chosen beside it, and which hits to return.

    `limit=None` returns every hit: a caller that sorts by a column of the database needs all of
    their ids. `prefix_last` takes the last word as the beginning of one, as while typing;
    `verbatim` leaves words that no entry has uncorrected. An empty query matches every entry that
    passes the filters. Of each facet, the `facet_values` most frequent are named and those filtered
    by, all where it is None; where it is 0, no facet is.
    """

    query: Query = field(default_factory=Query)
    filters: Filters = field(default_factory=Filters)
    offset: int = 0
    limit: int | None = 20
    prefix_last: bool = False
    verbatim: bool = False
    facet_values: int | None = None


class Hit(NamedTuple):
    """One entry found; scores compare only within one result."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchHits:
    """What was found, best first, out of `total`.

    `facets` maps each of `FACETS` to its values, most frequent first, and how many of the whole
    result have them, unless none were asked for. `terms` are the analysed terms that were looked
    for and exist, for highlighting: a token of `kb.search.analysis.tokens` is marked where its
    `term` is among them. `generation` changes whenever the index does. `did_you_mean` is the query
    with the words corrected that no entry has, None where nothing was; unless the request was
    verbatim, it is what was searched.
    """

    hits: tuple[Hit, ...]
    total: int
    generation: str
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    terms: frozenset[str] = frozenset()
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What somebody may be about to type: a title, a tag or an identifier, by `kind`.

    `id` names the entry of a title.
    """

    kind: CompletionKind
    text: str
    id: int | None = None


class SearchEngine(Protocol):
    """An index over entries. Each method raises IndexUnavailable where there is none to use."""

    async def search(self, request: SearchRequest) -> SearchHits:
        """Return the hits of the last committed state."""

    async def search_then(self, request: SearchRequest, then: Callable[[SearchHits], T]) -> T:
        """Return what `then` makes of the hits, called where they are found; it has to pickle."""

    async def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` titles, tags and identifiers that begin as `text` does."""

    async def apply(self, upserts: Sequence[Document], deletes: Sequence[int]) -> None:
        """Replace or add entries, remove others by id, all or nothing; replaying is harmless.

        The last of several upserts of one id wins; an id in both is removed.
        """

    async def contents(self) -> dict[int, int]:
        """Return the revision number of each entry in the index, by id."""

    async def rebuild(self, documents: AsyncIterable[Sequence[Document]]) -> None:
        """Build a new index from batches of entries beside the old one, then switch to it."""

    async def generation(self) -> str:
        """Return what names the committed state: equal only while nothing changed."""
