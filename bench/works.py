"""What is asked of a server: each work is a kind of request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote, urlencode

from kb.entries.records import EntryRecord

PROGRAM = {"accept": "*/*", "user-agent": "curl/8.14.1"}
"""What a program sends along: it asks for no compression by itself."""

BROWSER = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-encoding": "gzip, deflate, br, zstd",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
PLAIN_BROWSER = BROWSER | {"accept-encoding": "identity"}

HOT = 50
"""Different entries that are read in turn."""

REPEATED = 20
"""Different queries that are asked again and again."""

NEW = 4_000
"""Queries at hand for a measurement of those that nobody has asked before."""

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of request. Its `paths` never end; where they are `new`, none comes twice."""

    name: str
    paths: Iterator[str]
    headers: dict[str, str]
    new: bool = False
    known: bool = False
    """Whether who asks has the answer already, and says so by its ETag: a 304."""


def reads(records: Iterable[EntryRecord]) -> list[Work]:
    """Return what is answered without the index, about the first of the records."""
    hot = list(islice(records, HOT))
    slugs = [record.slug for record in hot]
    pages = [f"/entries/{slug}" for slug in slugs]
    entries = [f"{API}{page}" for page in pages]
    tags = [urlencode({"tag": record.content.tags[0]}) for record in hot]
    return [
        _again("entry JSON", entries, PROGRAM),
        _again("entry JSON, gzip", entries, PROGRAM | {"accept-encoding": "gzip"}),
        _again("entry JSON, 304", entries, PROGRAM, known=True),
        _again("entry page", pages, BROWSER),
        _again("entry page, not compressed", pages, PLAIN_BROWSER),
        _again("entry page, 304", pages, BROWSER, known=True),
        _again("list JSON", [f"{API}/entries"], PROGRAM),
        _again("list JSON, by tag", [f"{API}/entries?{tag}" for tag in tags], PROGRAM),
        _again("/ page", ["/"], BROWSER),
        _again("/ page, by tag", [f"/?{tag}" for tag in tags], BROWSER),
    ]


def searches(queries: Iterator[str]) -> list[Work]:
    """Return what asks the index for queries that do not end, or what is kept of its answers."""
    queries = (f"q={quote(query)}" for query in queries)
    again = list(islice(queries, REPEATED))
    calls = (f"{API}/search?{query}" for query in queries)
    pages = (f"/?{query}" for query in queries)
    return [
        Work("search JSON, new queries", calls, PROGRAM, new=True),
        _again("search JSON, repeated", [f"{API}/search?{query}" for query in again], PROGRAM),
        Work("search page, new queries", pages, BROWSER, new=True),
        _again("search page, repeated", [f"/?{query}" for query in again], BROWSER),
    ]


def _again(name: str, paths: list[str], headers: dict[str, str], *, known: bool = False) -> Work:
    return Work(name, cycle(paths), headers, known=known)
