"""The texts of an entry whose meaning is compared with a query's: short accounts, first sentences.

Pure. An account is like a query about its subject; a question is often like one sentence of the
answer, whatever else stands around it (Dai and Callan, 2019: the best passage decides).
docs/decisions/0005 says what this brings.
"""

import re

KEYWORDS, PROBLEM, PART = 120, 400, 250
"""Characters of each part that tell what an entry is about: more of it would blur that."""

_SHORTEST, _LONGEST = 16, 300
_BETWEEN_SENTENCES = re.compile(r"""(?<=[.!?:])\s+(?=[A-Z`"*\[])""")


def accounts(title: str, keywords: str, problem: str, solution: str) -> tuple[str, str]:
    """Return what an entry is about, once by its problem and once by problem and solution."""
    return (
        f"{title}. {keywords[:KEYWORDS]}. {problem[:PROBLEM]}",
        f"{title}. {problem[:PART]} {solution[:PART]}",
    )


def first_sentence(text: str) -> str | None:
    """Return the first sentence of `text`, None where there are but scraps of a word or two."""
    sentences = (one.strip() for one in _BETWEEN_SENTENCES.split(text))
    return next((one[:_LONGEST] for one in sentences if len(one) >= _SHORTEST), None)
