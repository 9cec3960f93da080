"""tantivy's queries, of those few kinds that are used here."""

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query

from kb.search.tantivy.schema import SCHEMA


def term(field: str, value: str) -> Query:
    """Return what finds the entries with a term."""
    return Query.term_query(SCHEMA, field, value, "basic")


def scored(field: str, value: str, weight: float = 1.0) -> Query:
    """Return what scores the entries with a term by BM25, times `weight`."""
    one = Query.term_query(SCHEMA, field, value, "freq")
    return one if weight == 1.0 else Query.boost_query(one, weight)


def phrase(field: str, words: Sequence[tuple[int, str]]) -> Query:
    """Return what finds the entries with words at these places beside each other, or one word."""
    if len(words) < 2:  # noqa: PLR2004 (a phrase has two)
        return any_of([term(field, word) for _, word in words])
    return Query.phrase_query(SCHEMA, field, list(words))


def any_of(queries: Sequence[Query], at_least: int = 1) -> Query:
    """Return what finds the entries that `at_least` so many of `queries` find."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, one) for one in queries], at_least)


def all_of(queries: Iterable[Query], excluded: Iterable[Query] = ()) -> Query:
    """Return what finds the entries that all of `queries` find and none of `excluded`."""
    wanted = [(Occur.Must, one) for one in queries] or [(Occur.Must, Query.all_query())]
    return Query.boolean_query([*wanted, *((Occur.MustNot, one) for one in excluded)])


def worth(score: float, query: Query) -> Query:
    """Return what finds the same, each entry with this score."""
    return Query.const_score_query(query, score)


def among(found: Query, scores: Iterable[Query]) -> Query:
    """Return what finds the same as `found`, each entry with the sum of its `scores`."""
    wanted = [(Occur.Must, worth(0.0, found))]
    return Query.boolean_query([*wanted, *((Occur.Should, one) for one in scores)])
