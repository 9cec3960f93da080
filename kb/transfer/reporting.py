"""How far a long job is, for people and programs that wait for it (pure)."""

EVERY = 1000
"""After how many entries it is said how far the job is."""


class Milestones:
    """Counts what is done."""

    def __init__(self) -> None:
        self.number = 0

    def passed(self, more: int) -> range:
        """Count more of it; return the milestones that this has passed."""
        first = self.number // EVERY + 1
        self.number += more
        return range(first * EVERY, self.number + 1, EVERY)
