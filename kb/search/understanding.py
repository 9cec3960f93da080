"""What a request asks of an index that is there: corrected, compiled, its words chosen.

What differs between engines is how they look up a term; what becomes of that is here.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kb.search.analysis import FUNCTION_WORDS, Token, stem
from kb.search.correction import Vocabulary, corrected
from kb.search.engine import SearchRequest
from kb.search.plan import Plan, as_you_type, compiled, wording_of
from kb.search.synonyms import synonyms
from kb.search.weights import MAX_TERMS, most_of_rare


class Understood(NamedTuple):
    """What to look for, what was written of it to be understood, and the query as corrected."""

    plan: Plan
    wording: str
    did_you_mean: str | None


def understood(
    request: SearchRequest, exists: Callable[[str], bool], vocabulary: Callable[[], Vocabulary]
) -> Understood:
    """Return what `request` asks for, by the terms that exist and the words that may be meant."""

    def meant(token: Token) -> str | None:
        terms = (token.term, *synonyms(token.term))
        if token.word in FUNCTION_WORDS or any(map(exists, terms)):
            return None
        word = vocabulary().meant(token.word)
        # The vocabulary remembers words of entries deleted a while ago.
        return word if word and all(exists(stem(one)) for one in word.split()) else None

    query = as_you_type(request.query) if request.prefix_last else request.query
    mended = corrected(query, meant)
    asked = query if request.verbatim else mended
    return Understood(
        compiled(asked),
        wording_of(asked),
        str(mended).removesuffix("*") if mended != query else None,
    )


def decisive(plan: Plan, frequency: Callable[[str], int]) -> tuple[list[str], bool]:
    """Return the words that decide, the rarest first, and whether all that were wanted exist."""
    subject = [term for term, says in plan.words.items() if says]
    # What says nothing counts only where nothing else is asked for.
    wanted = subject if subject or plan.prefixes else list(plan.words)
    known = [(sum(map(frequency, (term, *synonyms(term)))), term) for term in wanted]
    rarest = sorted(one for one in known if one[0])[:MAX_TERMS]
    return [term for _, term in rarest], all(number for number, _ in known)


def pulling(numbers: Sequence[int], total: int, *, all_exist: bool) -> list[bool]:
    """Say of each word, by the number of entries that have it, whether it finds entries."""
    pulls = [number <= most_of_rare(total) for number in numbers]
    if not any(pulls) and all_exist:
        # Common words and no others: then they find entries.
        return [True] * len(pulls)
    return pulls
