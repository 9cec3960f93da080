"""Text to tokens: one analyser for index, queries and highlighting.

Pure: imports nothing of the house.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Token(NamedTuple):
    """A term and where its text stands: characters `start:end`, the `position`-th word.

    A compound such as `run_in_executor` gives its parts at consecutive positions and itself, as
    one term, at the position of its first part, spanning them all.
    """

    term: str
    start: int
    end: int
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text` in the order of their positions."""
    for position, match in enumerate(re.finditer(r"\w+", text)):
        yield Token(match[0].lower(), match.start(), match.end(), position)
