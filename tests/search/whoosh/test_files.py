"""What becomes of Whoosh's files: lost, damaged, merged."""

import json
from pathlib import Path

import pytest

from kb.search.engine import IndexUnavailable
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


async def test_many_small_writes_leave_few_segments(searcher: Searcher) -> None:
    await searcher.build(*(document(n, f"Entry {n}") for n in range(1, 101)))
    for number in range(1, 41):
        await searcher.engine.apply([document(number, f"Revised {number}", revision=2)], [])
    files = list(current_folder(searcher.root).glob("*.trm"))
    assert len(files) <= 12
    assert len(await searcher.ids("revised", limit=None)) == 40
