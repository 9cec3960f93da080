"""Which searches that found nothing may be remembered by their words (pure).

People paste what they have: logs, addresses, keys. So only what reads like a few typed words is
kept, and of anything else that there was a search.
"""

import re

from kb.search.query import parse

LONGEST = 80
"""Characters of a search that is remembered."""

_LONGEST_WORD = 24

_PRIVATE = re.compile(
    r"@|://|[=&?%\\]"  # addresses of people and pages, assignments, paths
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{7}"  # addresses of machines, telephone and account numbers
    r"|(?i:\b(?:pass(?:word|wd|phrase)?|secret|token|bearer|api.?key)\b.*[:\s]\S*\d)"
)
# Letters and digits in turn, as in keys and hashes, and seldom in names: base64, utf8, h264.
_MIXED = re.compile(r"(?=\S*\d\S*[^\W\d_]\S*\d|\S*[^\W\d_]\S*\d\S*[^\W\d_])[\w+/.-]{10,}")


def words_to_remember(text: str) -> str | None:
    """Return the search's words in small letters, or None where they are better forgotten."""
    words = " ".join(text.casefold().split())
    if not words or len(words) > LONGEST or parse(text).pasted:
        return None
    if any(len(word) > _LONGEST_WORD for word in words.split()):
        return None
    return None if _PRIVATE.search(words) or _MIXED.search(words) else words
