"""How often Python looks through everything that lives for cycles that nobody can reach.

It stops the process meanwhile: 150 ms with the caches of a server or of a worker that searches,
every 800 searches (https://docs.python.org/3/library/gc.html#gc.set_threshold). Almost all garbage
is young, and the young are looked through as before.
"""

import gc

OLDEST = 1_000
"""Collections of the middle generation before one of the oldest; Python's own is 10."""


def look_through_the_oldest_rarely() -> None:
    """Have this process look through what has lived long a hundred times less often.

    What is there already is never looked through again: modules stay until the end.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, OLDEST)
    gc.freeze()
