"""Which segments a commit merges: many small ones, and never so many documents that it takes long.

Whoosh's own policy, MERGE_SMALL, merges all segments there are from time to time. Of an index that
grew to tens of thousands of entries that takes minutes, in which no other change gets in.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from math import log
from typing import Any

from whoosh.reading import SegmentReader

FANOUT = 8
"""Segments of about one size that are left as they are; a merged one is of the next size."""

AT_ONCE = 5_000
"""Documents one commit merges at most, at about three milliseconds each."""


def merge_some(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge into what `writer` writes; return the segments that stay. A policy for its commit."""
    chosen = set(choose([segment.doc_count() for segment in segments]))
    for number in chosen:
        reader = SegmentReader(writer.storage, writer.schema, segments[number])
        writer.add_reader(reader)
        reader.close()
    return [segment for number, segment in enumerate(segments) if number not in chosen]


def choose(sizes: Sequence[int]) -> list[int]:
    """Return the positions of the segments to merge, by the sizes of all: none, or several.

    Sizes are of one tier where powers of FANOUT do not part them, as in log-structured merge trees
    (O'Neil et al. 1996): a document is merged about once a tier. The smallest full tier is merged,
    its smallest first, and only if that makes clearly fewer of them.
    """
    tiers: dict[int, list[int]] = defaultdict(list)
    for position in sorted(range(len(sizes)), key=sizes.__getitem__):
        tiers[int(log(max(sizes[position], 1), FANOUT))].append(position)
    for _, tier in sorted(tiers.items()):
        if len(tier) >= FANOUT:
            totals = accumulate(sizes[position] for position in tier)
            chosen = [one for one, total in zip(tier, totals, strict=True) if total <= AT_ONCE]
            if len(chosen) >= FANOUT // 2:
                return chosen
    return []
