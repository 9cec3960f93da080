"""How much may be spent how fast (pure): the generic cell rate algorithm, as pyrate-limiter has it.

All that a caller has spent is one number: the moment, in microseconds since 1970, at which it is
earned again (docs/decisions/0015-rate-limits.md).
"""

from dataclasses import dataclass

from pyrate_limiter import GCRA, Duration, Rate

HOUR = int(Duration.HOUR)
MINUTE = int(Duration.MINUTE)

_ALGORITHM = GCRA()
_UNREFUSED = 1 << 40


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a `kind` within an hour or a minute, all at once or one after the other."""

    kind: str
    amount: int
    per: int

    def spend(self, until: int, now: int) -> tuple[int, int]:
        """Return what `until` becomes by one more, and the milliseconds to wait if it may not be.

        `now` is in milliseconds since 1970.
        """
        rate = Rate(self.amount, self.per)
        (after,), decision = _ALGORITHM.step([rate], (self._credible(until, now),), now, 1)
        return int(after), decision.retry_after_ms or 0

    def add(self, until: int, now: int, times: int) -> int:
        """Return what `until` becomes by so many more that have been let through already."""
        rate = Rate(self.amount, self.per, burst=_UNREFUSED)
        (after,), _ = _ALGORITHM.step([rate], (self._credible(until, now),), now, times)
        return min(int(after), self._latest(now))

    def _credible(self, until: int, now: int) -> int:
        """Return the moment, or the beginning of time where a clock that was wrong has written it.

        Nobody is to wait for months because it was set back.
        """
        return until if until <= self._latest(now) else 0

    def _latest(self, now: int) -> int:
        """Return the latest moment that anything may be earned: processes may let through twice."""
        return (now + 2 * self.per) * 1000

    def __str__(self) -> str:
        return f"{self.amount:,} {self.kind} {_WORDS[self.per]}"


_WORDS = {HOUR: "an hour", MINUTE: "a minute"}
