"""How long a process stops to look for garbage."""

import gc
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from kb.garbage import BRIEF, YOUNG, look_through_the_oldest_rarely

KEPT = 200
A_MOMENT, FOR_LONG = 300, 60
"""Objects that a request makes, and those of them that are kept with its answer."""


def test_few_objects_are_looked_through_at_a_time_while_a_cache_turns_over() -> None:
    # Processes of their own: what other threads let go of meanwhile would count too.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        brief, long = processes.map(most_at_once, (BRIEF, YOUNG))

    assert brief < 3 * BRIEF
    assert long > KEPT * FOR_LONG / 4  # there would be many


def most_at_once(young: int) -> int:
    """The most young objects that were looked through at once."""
    most = 0

    def note(phase: str, _info: object) -> None:
        nonlocal most
        if phase == "start":
            most = max(most, len(gc.get_objects(generation=0)))

    kept: deque[list[list[object]]] = deque(maxlen=KEPT)
    look_through_the_oldest_rarely(young)
    gc.callbacks.append(note)
    try:
        for number in range(20 * KEPT):
            made: list[list[object]] = [[] for _ in range(A_MOMENT)]
            kept.append(made[:FOR_LONG])
            if number % KEPT == 0:
                made.extend([] for _ in range(YOUNG))
    finally:
        gc.callbacks.remove(note)
    return most
