"""What becomes of Whoosh's files: lost, damaged, merged."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.search.engine import IndexUnavailable
from kb.search.whoosh.snapshot import Snapshot, snapshot
from tests.search.searcher import Searcher, document

# Whoosh leaves the file open in which it finds the damage.
open_files = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def current_folder(root: Path) -> Path:
    folder: str = json.loads((root / "current.json").read_text())["folder"]
    return root / folder


@open_files
async def test_an_index_that_lost_its_segments_is_unavailable(searcher: Searcher) -> None:
    await searcher.build(document(1, "First title"))
    for path in current_folder(searcher.root).glob("MAIN_*.*"):
        path.unlink()
    with pytest.raises(IndexUnavailable):
        await Searcher(searcher.root).search("first")


@open_files
async def test_damaged_postings_are_unavailable_not_an_error_of_another_kind(
    searcher: Searcher,
) -> None:
    await searcher.build(*(document(n, "First title") for n in range(1, 50)))
    (postings,) = current_folder(searcher.root).glob("*.pst")
    postings.write_bytes(b"\xff" * postings.stat().st_size)
    with pytest.raises(IndexUnavailable):
        await searcher.search("first")


@pytest.fixture
def opened(searcher: Searcher) -> Iterator[Callable[[], Awaitable[Snapshot]]]:
    """What one thread that searches has open."""
    with ThreadPoolExecutor(1) as thread:

        async def current() -> Snapshot:
            return await asyncio.wrap_future(thread.submit(snapshot, searcher.root))

        yield current


@pytest.mark.parametrize("commits", [1, 2])
async def test_commits_are_seen_by_who_has_the_index_open(
    searcher: Searcher, opened: Callable[[], Awaitable[Snapshot]], commits: int
) -> None:
    await searcher.build(document(1, "Old title"))
    before = await opened()
    assert await opened() is before
    for _ in range(commits):
        await searcher.engine.apply([document(1, "New title")], [])
    after = await opened()
    assert after is not before
    assert after.generation == await searcher.engine.generation()


async def test_a_commit_is_seen_that_was_killed_before_it_removed_the_last(
    searcher: Searcher, opened: Callable[[], Awaitable[Snapshot]]
) -> None:
    await searcher.build(document(1, "Old title"))
    (contents,) = current_folder(searcher.root).glob("*.toc")
    last, before = contents.read_bytes(), await opened()
    await searcher.engine.apply([document(1, "New title")], [])
    contents.write_bytes(last)
    assert await opened() is not before


async def test_many_small_writes_leave_few_segments(searcher: Searcher) -> None:
    await searcher.build(*(document(n, f"Entry {n}") for n in range(1, 101)))
    for number in range(1, 41):
        await searcher.engine.apply([document(number, f"Revised {number}", revision=2)], [])
    files = list(current_folder(searcher.root).glob("*.trm"))
    assert len(files) <= 12
    assert len(await searcher.ids("revised", limit=None)) == 40
