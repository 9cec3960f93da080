"""A cache that is not emptied of what is asked for again by much that is asked for once.

A segmented LRU cache (Karedla, Love and Wherry, "Caching strategies to improve disk system
performance", Computer 27(3), 1994, https://doi.org/10.1109/2.268884); what leaves the greater part
is not taken back into the smaller one.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

NEWCOMERS = 4
"""The part of the room, as its divisor, for what nobody has asked for again yet."""


class Kept(Generic[K, V]):
    """Values by key, the least recently asked for going first."""

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        """Keep values whose sizes are `room` in all."""
        self._once: LRUCache[K, V] = LRUCache(room // NEWCOMERS, size)
        self._again: LRUCache[K, V] = LRUCache(room - room // NEWCOMERS, size)

    def get(self, key: K) -> V | None:
        """Return the value, None where none is kept."""
        value: V | None = self._again.get(key)
        if value is None and (value := self._once.pop(key, None)) is not None:
            self._again[key] = value
        return value

    def put(self, key: K, value: V) -> None:
        """Keep the value in place of the one before; neither, where it is too large."""
        part = self._again if key in self._again else self._once
        try:
            part[key] = value
        except ValueError:
            part.pop(key, None)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._once.clear()
        self._again.clear()

    @property
    def size(self) -> int:
        """What is kept takes so much of the room."""
        return int(self._once.currsize + self._again.currsize)

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._once) + len(self._again)

    def __iter__(self) -> Iterator[V]:
        """Yield the values."""
        yield from self._once.values()
        yield from self._again.values()
