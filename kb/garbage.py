"""How often Python looks through everything that lives for cycles that nobody can reach.

It stops the process meanwhile: 150 ms with the caches of a worker that searches, every 800 searches
(https://docs.python.org/3/library/gc.html#gc.set_threshold). Almost all garbage is young, and the
young are looked through as before.
"""

import gc

YOUNG = 700
"""By how many objects those made have to outnumber those gone before Python looks through the
young."""

OLDEST = 1_000
"""Collections of the middle generation before one of the oldest; Python's own is 10."""

BRIEF = 200
"""The same as `YOUNG`, in a process that must not stop for long.

The young are more than that: where a cache lets go of an old answer for each new one, the two
numbers stay close, and up to 16,000 objects of answers and of requests that wait were looked
through at once, which took 10 ms. A search makes over 200 at a time, if only for a moment.
"""

OLDEST_BRIEF = 300
"""The same as `OLDEST`, with `BRIEF`: of 600,000 objects at most that only this would find.
Little lives long in a server; what an answer leaves is gone with it (tests hold that)."""


def look_through_the_oldest_rarely(young: int = YOUNG, oldest: int = OLDEST) -> None:
    """Have this process look through what has lived long less often than Python would.

    What is there already is never looked through again: modules stay until the end.
    """
    gc.set_threshold(young, gc.get_threshold()[1], oldest)
    gc.freeze()
