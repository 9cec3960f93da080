"""A plan as tantivy's queries: what passes the conditions, what is found, how it scores.

As `kb.search.whoosh.ranking` has it, and with its weights.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from tantivy import Query

from kb.search.analysis import fold, stem, tokens
from kb.search.engine import Filters
from kb.search.plan import Plan
from kb.search.query import Filter, Operand, Phrase, Prefix, Word
from kb.search.synonyms import synonyms
from kb.search.tantivy.queries import all_of, among, any_of, phrase, scored, term, worth
from kb.search.tantivy.snapshot import Snapshot
from kb.search.understanding import decisive, pulling
from kb.search.weights import (
    JOINED,
    LEAST,
    MAX_EXPANSIONS,
    PAIR,
    SYNONYM,
    most_of_rare,
    rarity,
)

_ROUNDED = 1e-5
"""By what part of itself a score may be off: tantivy adds some twenty in single precision."""

_Meeting = Callable[..., Query]
"""Returns what finds the entries that meet the conditions and that all of some queries find."""


class Asked(NamedTuple):
    """What is found, how it is scored, and the terms that exist, to be marked."""

    found: Query
    scores: list[Query]
    terms: frozenset[str]


class _Found(NamedTuple):
    """A word of the plan that exists: what is marked for it, who has it, how it scores.

    `pulls` says whether it finds entries, or only counts in those that others find.
    """

    terms: Collection[str]
    having: Query
    scoring: Query
    number: int
    rarity: float
    pulls: bool = False


def asked(state: Snapshot, plan: Plan, filters: Filters) -> Asked:
    """Return what `plan` and `filters` ask for."""
    words = _words(state, plan)
    conditions = list(_conditions(state, plan, filters))
    excluded = [having(state, one) for one in (*plan.excluded, *filters.excluded)]

    def meeting(*wanted: Query) -> Query:
        return all_of([*conditions, *wanted], excluded)

    found = meeting(_sought(state, words, meeting)) if plan.free else meeting()
    scores = [one.scoring for one in words]
    scores += [scored("pairs", pair, PAIR) for pair in plan.pairs]
    return Asked(found, scores, frozenset(term for one in words for term in one.terms))


def _sought(state: Snapshot, words: Sequence[_Found], meeting: _Meeting) -> Query:
    """Return what finds the entries that have a word which finds entries, and enough of all."""
    if _each_is_enough(words):
        return _pulled(words)
    return _enough(words, LEAST * _most(state, words, meeting) * (1 - _ROUNDED))


def _pulled(words: Iterable[_Found]) -> Query:
    return any_of([one.having for one in words if one.pulls])


def _each_is_enough(words: Sequence[_Found]) -> bool:
    """Return whether any word would be enough even if an entry had all of them."""
    weights = [one.rarity for one in words]
    return not weights or min(weights) >= LEAST * sum(weights)


def _most(state: Snapshot, words: Sequence[_Found], meeting: _Meeting) -> float:
    """Return what the entry has of the query that has most of it, weighed by rarity."""
    having_all = meeting(*(one.having for one in words))
    if state.searcher.search(having_all, limit=1, count=False).hits:
        return sum(one.rarity for one in words)
    weighed = among(meeting(_pulled(words)), (worth(one.rarity, one.having) for one in words))
    hits = state.searcher.search(weighed, limit=1, count=False).hits
    return float(hits[0][0]) if hits else 0.0


def _enough(words: Iterable[_Found], least: float) -> Query:
    """Return what finds the entries with `least` of the words, weighed by rarity.

    A rare word is that by itself. Of the others so many are as it takes on average: to weigh each
    entry's own would take as long as to score it.
    """
    rare = [one for one in words if one.rarity >= least]
    others = [one for one in words if one.rarity < least]
    weight = sum(one.rarity for one in others)
    besides = [one.having for one in rare if not one.pulls]
    if others and weight >= least:
        number = ceil(least * len(others) / weight)
        besides.append(any_of([one.having for one in others], number))
    # What finds nothing by itself is looked for among what the others find: half the time.
    return any_of([_pulled(rare), all_of([_pulled(others), any_of(besides)])])


def _words(state: Snapshot, plan: Plan) -> list[_Found]:
    """Return what exists of the plan."""
    terms, all_exist = decisive(plan, lambda word: state.frequency("text", word))
    exist = [_with_synonyms(state, one) for one in terms]
    exist += [one for prefix in plan.prefixes if (one := _prefixed(state, prefix))]
    pulls = pulling([one.number for one in exist], state.total, all_exist=all_exist)
    joined = [one for word in plan.joined if (one := _joined(state, word))]
    pulls += [one.number <= most_of_rare(state.total) for one in joined]
    every = zip([*exist, *joined], pulls, strict=True)
    return [one._replace(pulls=pulls_in) for one, pulls_in in every]


def _with_synonyms(state: Snapshot, word: str) -> _Found:
    """Return what exists of `word` and its synonyms; the best of them counts.

    A synonym is not rarer than the word it stands for, which somebody chose to type.
    """
    numbers = {one: state.frequency("text", one) for one in (word, *synonyms(word))}
    rare = {one: rarity(state.total, number) for one, number in numbers.items() if number}
    own = rare.get(word) or max(rare.values())
    scales = {one: 1.0 if one == word else SYNONYM * min(1.0, own / rare[one]) for one in rare}
    having = any_of([term("text", one) for one in rare])
    number = numbers[word] if list(rare) == [word] else state.count(having)
    return _Found(tuple(rare), having, _best("text", scales), number, own)


def _prefixed(state: Snapshot, prefix: str) -> _Found | None:
    """Return the words that begin with `prefix` as if they were one."""
    numbers = dict(state.prefixed("words", prefix, MAX_EXPANSIONS))
    if not numbers:
        return None
    having = any_of([term("words", word) for word in numbers])
    number = state.count(having)
    rare = rarity(state.total, number)
    scales = {word: rare / rarity(state.total, some) for word, some in numbers.items()}
    return _Found(tuple(map(stem, numbers)), having, _best("words", scales), number, rare)


def _joined(state: Snapshot, word: str) -> _Found | None:
    number = state.frequency("text", word)
    if not number:
        return None
    rare = JOINED * rarity(state.total, number)
    return _Found((word,), term("text", word), scored("text", word, JOINED), number, rare)


def _best(field: str, scales: dict[str, float]) -> Query:
    found = [scored(field, word, scale) for word, scale in scales.items()]
    return found[0] if len(found) == 1 else Query.disjunction_max_query(found)


def _conditions(state: Snapshot, plan: Plan, filters: Filters) -> Iterator[Query]:
    for name in ("category", "severity", "language", "framework", "author"):
        if values := getattr(filters, name):
            yield any_of([having(state, Filter(name, value)) for value in values])
    for name in ("tag", "error"):
        yield from (having(state, Filter(name, value)) for value in getattr(filters, name))
    for operands in plan.required:
        yield any_of([having(state, operand) for operand in operands])


def having(state: Snapshot, operand: Operand) -> Query:
    """Return what finds the entries that have what `operand` says."""
    match operand:
        case Filter("error", value):
            return _with_phrase("errors", value)
        case Filter(field, value):
            return term(field, value.lower())
        case Prefix(text):
            words = state.prefixed("words", fold(text), MAX_EXPANSIONS)
            return any_of([term("words", word) for word, _ in words])
        case Word(text) | Phrase(text):
            return _with_phrase("places", text)


def _with_phrase(field: str, text: str) -> Query:
    parts = [token for token in tokens(text) if token.part]
    return phrase(field, [(token.position - parts[0].position, token.term) for token in parts])
