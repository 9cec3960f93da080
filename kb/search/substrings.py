"""Answers from the database, by plain substrings: what stands in while there is no index."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_
from sqlmodel import col

from kb.db.database import ReadSession
from kb.entries import lists
from kb.entries.selection import Selection, Sort
from kb.models import Entry
from kb.search.analysis import tokens
from kb.search.engine import Filters, Hit, SearchHits
from kb.search.query import AnyOf, Filter, Not, Operand, Query, Word

MAX_CLAUSES = 10
"""Words looked for, the longest ones, and other clauses: each reads every row, and SQLite bounds
the depth of an expression (https://www.sqlite.org/limits.html)."""

_SEARCHED = (
    "title",
    "problem",
    "solution",
    "why",
    "context",
    "gotchas",
    "error_messages",
    "keywords",
    "tags",
)


async def hits(
    session: ReadSession, query: Query, filters: Filters, sort: Sort, page: slice
) -> SearchHits:
    """Return those entries at the places of `page` that hold every clause, without scores.

    `filters` are those of the address; the query's own are added to them.
    """
    every = filters.merged(query)
    chosen = {name: getattr(every, name) for name in Selection.model_fields}
    wanted = [*_clauses(query), *_filters(every)]
    selection = Selection.model_construct(**chosen)
    matching = lists.matching(wanted, selection, sort)
    total = await lists.count_rows(session, matching)
    rows = await session.rows(matching.slice(page.start, page.stop))
    words = [clause.text for clause in query.clauses if isinstance(clause, Word)]
    terms = frozenset(token.term for token in tokens(" ".join(words)))
    return SearchHits(tuple(Hit(row.id, 0.0) for row in rows), total, generation="", terms=terms)


def _clauses(query: Query) -> list[ColumnElement[bool]]:
    words = {clause for clause in query.clauses if isinstance(clause, Word)}
    longest = sorted(words, key=lambda word: (-len(word.text), word.text))
    others = [one for one in query.clauses if not isinstance(one, Word | Filter)]
    return [_clause(one) for one in [*longest[:MAX_CLAUSES], *others[:MAX_CLAUSES]]]


def _clause(clause: Operand | Not | AnyOf) -> ColumnElement[bool]:
    if isinstance(clause, Not):
        return ~_clause(clause.operand)
    if isinstance(clause, AnyOf):
        return or_(*(_clause(one) for one in clause.operands[:MAX_CLAUSES]))
    if isinstance(clause, Filter):
        return _passes(clause)
    return or_(*(_holds(name, clause.text) for name in _SEARCHED))


def _filters(filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters that no page has a facet for."""
    wanted = [_passes(Filter("error", value)) for value in filters.error]
    if filters.author:
        wanted.append(or_(*(_passes(Filter("author", value)) for value in filters.author)))
    return wanted + [~_passes(one) for one in filters.excluded]


def _passes(filter_: Filter) -> ColumnElement[bool]:
    name, value = filter_.field, filter_.value
    if name == "tag":
        return lists.has_tag(value)
    if name == "error":
        return _holds("error_messages", value)
    column: Any = col(Entry.submitted_by) if name == "author" else getattr(Entry, name)
    passes: ColumnElement[bool] = func.lower(func.coalesce(column, "")) == value.lower()
    return passes


def _holds(name: str, text: str) -> ColumnElement[bool]:
    # Without an empty text for null, NOT would leave out what holds nothing at all.
    return func.coalesce(cast(getattr(Entry, name), String), "").icontains(text, autoescape=True)
