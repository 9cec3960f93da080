"""Segments are merged: few enough to search in, and never so much that other changes wait long."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.whoosh import merging, store
from kb.search.whoosh.merging import AT_ONCE, FANOUT, choose
from tests.search.searcher import Searcher, document

SIZES = st.lists(st.integers(0, 50_000), max_size=80)


def sizes_of_segments(root: Path) -> list[int]:
    with closing(store.opened(store.current(root)).reader()) as reader:
        return [leaf.doc_count() for leaf, _ in reader.leaf_readers()]


@given(SIZES)
def test_no_merge_takes_in_more_than_it_should(some: list[int]) -> None:
    chosen = choose(some)

    assert len(set(chosen)) == len(chosen)
    assert sum(some[position] for position in chosen) <= AT_ONCE


@settings(max_examples=30)
@given(st.integers(1, 100), st.integers(1, 1_000))
def test_segments_stay_few_however_many_batches_come(batch: int, batches: int) -> None:
    segments: list[int] = []
    for _ in range(batches):
        chosen = choose(segments)
        rest = [size for position, size in enumerate(segments) if position not in chosen]
        segments = [*rest, batch + sum(segments[position] for position in chosen)]

    assert sum(segments) == batch * batches
    largest = batch * batches // (AT_ONCE // FANOUT)
    assert len(segments) <= 5 * FANOUT + largest


async def test_what_was_changed_many_times_is_found_in_its_last_state(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "AT_ONCE", 20)
    await searcher.build()
    for number in range(40):
        await searcher.engine.apply([document(number, f"Entry word{number}")], [])
        await searcher.engine.apply([document(0, f"Changed{number}", revision=number + 1)], [])

    segments = await asyncio.to_thread(sizes_of_segments, searcher.root)
    assert len(segments) < 3 * FANOUT
    assert max(segments) <= 20 + 1
    assert await searcher.engine.contents() == {0: 40} | dict.fromkeys(range(1, 40), 1)
    assert await searcher.ids("changed39") == [0]
    assert await searcher.ids("changed38", verbatim=True) == []
    assert await searcher.ids("word17") == [17]
