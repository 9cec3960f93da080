"""Words that developers use for one another, from `synonyms.txt`.

Pure, but that it reads its own data once.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path

from kb.search.analysis import stem

_FILE = Path(__file__).with_name("synonyms.txt")


def synonyms(term: str) -> frozenset[str]:
    """Return the terms that mean what `term` means, without itself."""
    return _by_term().get(term, frozenset())


@cache
def _by_term() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for line in _FILE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            terms = frozenset(map(stem, line.split()))
            for term in terms:
                found[term] |= terms - {term}
    return dict(found)
