"""What is asked of a server: each work is a kind of request."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from urllib.parse import quote, urlencode

from bench.answers import answers_of
from bench.load import Request
from bench.queries import unknown
from kb.entries.records import EntryRecord

PROGRAM = {"accept": "*/*", "user-agent": "curl/8.14.1"}
"""What a program sends along: it asks for no compression by itself."""

BROWSER = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-encoding": "gzip, deflate, br, zstd",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}

HOT = 50
"""Different entries that are read in turn."""

REPEATED = 20
"""Different queries that are asked again and again."""

NEW = 1_500
"""Requests at hand for a measurement of those that nobody has sent before."""

API = "/api/v1"

NO_ENTRY = "/healthz"
"""The app with nothing to look up: what is made anew is next to that."""

NO_FILTER = "list JSON, made anew"

Batch = Callable[[str], list[Request]]
"""Requests for a server at an address, for one measurement."""

_PORTS = range(1, 65_000)


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of request. Those of a batch are asked again and again, or `once` each."""

    name: str
    batch: Batch
    once: bool = False
    without: str = ""
    """The work that is the same without what makes this one fast, or what it adds."""
    indexed: bool = False
    """Whether it asks the search engine or feeds it: then the same app without one is asked too."""
    rate: float = 0.0
    """Requests a second that are sent where latency is measured; 0: it is not."""


def reads(records: Iterable[EntryRecord]) -> list[Work]:
    """Return what is answered without the index, about the first of the records."""
    hot = list(islice(records, HOT))
    pages = asked([f"/entries/{record.slug}" for record in hot], BROWSER)
    entries = asked([f"{API}/entries/{record.slug}" for record in hot], PROGRAM)
    lists = asked([f"{API}/entries"], PROGRAM)
    home = asked(["/"], BROWSER)
    tags = [urlencode({"tag": record.content.tags[0]}) for record in hot]
    by_tag = asked([f"{API}/entries?{tag}" for tag in tags], PROGRAM)
    pages_by_tag = asked([f"/?{tag}" for tag in tags], BROWSER)
    return [
        Work(NO_ENTRY, _again(asked(["/healthz"], PROGRAM))),
        Work("entry JSON", _again(entries), without="entry JSON, made anew", rate=500),
        Work("entry JSON, made anew", _anew(entries), once=True, without=NO_ENTRY),
        Work("entry JSON, 304", _known(entries), without="entry JSON", rate=500),
        Work("entry page", _again(pages), without="entry page, made anew", rate=500),
        Work("entry page, made anew", _anew(pages), once=True, without=NO_ENTRY),
        Work("entry page, 304", _known(pages), without="entry page"),
        Work("list JSON", _again(lists), without="list JSON, made anew", rate=200),
        Work("list JSON, made anew", _anew(lists), once=True, without=NO_ENTRY),
        Work("list JSON, by tag", _again(by_tag), without="list JSON, by tag, made anew", rate=200),
        Work("list JSON, by tag, made anew", _anew(by_tag), once=True, without=NO_FILTER),
        Work("/ page", _again(home), without="/ page, made anew", rate=200),
        Work("/ page, made anew", _anew(home), once=True, without=NO_ENTRY),
        Work("/ page, by tag", _again(pages_by_tag), without="/ page"),
    ]


def searches(queries: Iterator[str]) -> list[Work]:
    """Return what asks the index for queries that do not end, or what is kept of its answers."""
    new = (f"q={quote(query)}" for query in queries)
    again = list(islice(new, REPEATED))
    calls = asked([f"{API}/search?{query}" for query in again], PROGRAM)
    pages = asked([f"/?{query}" for query in again], BROWSER)
    nothing = (f"q={quote(query)}" for query in unknown())
    call = f"{API}/search?"
    return [
        Work("search JSON, new", _next(new, call, PROGRAM), once=True, indexed=True, rate=20),
        Work("search JSON, nothing found", _next(nothing, call, PROGRAM), once=True, indexed=True),
        Work("search JSON, repeated", _again(calls), without="search JSON, new", rate=200),
        Work("search page, new", _next(new, "/?", BROWSER), once=True, indexed=True, rate=20),
        Work("search page, repeated", _again(pages), without="search page, new"),
    ]


def asked(paths: Iterable[str], headers: dict[str, str]) -> list[Request]:
    """Return a request for each path."""
    return [Request(path, headers=headers) for path in paths]


def _with(requests: Iterable[Request], headers: dict[str, str]) -> list[Request]:
    return [replace(one, headers=one.headers | headers) for one in requests]


def _again(requests: list[Request]) -> Batch:
    return lambda _address: requests


def _next(paths: Iterator[str], prefix: str, headers: dict[str, str]) -> Batch:
    return lambda _address: asked((prefix + path for path in islice(paths, NEW)), headers)


def _known(requests: list[Request]) -> Batch:
    """Return the requests of who has the answers already, and says so by their ETags: a 304."""

    def batch(address: str) -> list[Request]:
        answers = answers_of(address, requests)
        tags = [{"if-none-match": answer.headers["etag"]} for answer in answers]
        return [_with([one], tag)[0] for one, tag in zip(requests, tags, strict=True)]

    return batch


def _anew(requests: list[Request]) -> Batch:
    """Return the same for a host that was never asked for: no answer that is kept fits it."""
    ports = count()

    def batch(_address: str) -> list[Request]:
        hosts = (f"localhost:{_PORTS[next(ports) % len(_PORTS)]}" for _ in range(NEW))
        some = (requests[number % len(requests)] for number in range(NEW))
        return [_with([one], {"host": host})[0] for one, host in zip(some, hosts, strict=True)]

    return batch
