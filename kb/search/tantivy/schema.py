"""How tantivy keeps what an index holds of an entry.

No text is analysed by tantivy: every term is a value of its own, as often as it weighs.
"""

from collections.abc import Iterator, Sequence

from tantivy import Document as Stored
from tantivy import PreTokenizedString, Schema, SchemaBuilder, Token

from kb.search import terms
from kb.search.analysis import fold
from kb.search.engine import FACETS, Document
from kb.search.terms import Indexed, Terms, beginnings, indexed

FORMAT = 1
"""Raise it with every change to what stands in this module."""

RANKED = ("text", "words", "pairs")
PLACED = ("places", "errors")
FILTERS = (*FACETS, "author")

BEGINNING = "\x02"
"""Stands before the first word of a title."""

SPELT = "\x1f"
"""Parts the name of an identifier, folded, from how it is spelt."""


def version() -> str:
    """Return what an index has to be made by to be of use here."""
    return f"tantivy {FORMAT}, {terms.version()}"


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_integer_field("revision", fast=True)
    builder.add_text_field("title", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("meaning", stored=True)
    for name in RANKED:
        builder.add_text_field(name, tokenizer_name="raw", index_option="freq")
    for name in PLACED:
        builder.add_text_field(name, tokenizer_name="raw", index_option="position")
    for name in FILTERS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("names", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("beginnings", tokenizer_name="whitespace", index_option="position")
    return builder.build()


SCHEMA = _schema()
"""The fields are those of `kb.search.terms.Indexed` and of its record. For completion, `names` has
identifiers and `beginnings` the words of the title."""


def stored(documents: Sequence[Document]) -> Iterator[Stored]:
    """Yield what tantivy is given of each document. Raises as `indexed`."""
    return map(_stored, indexed(documents))


def _stored(one: Indexed) -> Stored:
    record = one.record
    values: dict[str, object] = {name: getattr(record, name) for name in FILTERS}
    values |= {name: _as_often_as_it_weighs(getattr(one, name)) for name in RANKED}
    values |= {name: getattr(record, name) for name in ("id", "revision", "title")}
    values["meaning"] = one.meaning
    values["names"] = [f"{fold(name)}{SPELT}{name}" for name in record.names]
    values["beginnings"] = " ".join([BEGINNING, *beginnings(record.title)])
    found = Stored.from_dict({name: _plain(value) for name, value in values.items()}, SCHEMA)
    for name in PLACED:
        found.add_pre_tokenized_text(name, _placed(getattr(one, name)))
    return found


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _as_often_as_it_weighs(found: Terms) -> list[str]:
    """Return each term so often as its weight says, half up: tantivy knows of no fractions."""
    return [term for term, one in found.items() for _ in range(max(1, int(one.weight + 0.5)))]


def _placed(found: Terms) -> PreTokenizedString:
    places = sorted((place, term) for term, one in found.items() for place in one.positions)
    return PreTokenizedString("", [Token(term, place, 0, 0) for place, term in places])
