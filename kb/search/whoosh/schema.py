"""How Whoosh keeps what an index holds of an entry."""

from collections.abc import Iterator, Mapping, Sequence

from whoosh import fields, formats

from kb.search.engine import Document
from kb.search.terms import Occurrences, indexed


class Analysed(fields.FieldType):
    """Terms that were analysed and weighed already, with or without their positions."""

    def __init__(self, *, positions: bool) -> None:
        """Keep the positions of each term or only that it is there, and its weight."""
        form = formats.Positions() if positions else formats.Existence()
        super().__init__(format=form, analyzer=None, scorable=True)
        self.positions = positions

    def index(
        self, value: Mapping[str, "Occurrences"], **_options: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, encoded positions), as Whoosh's writer wants them."""
        for term, found in value.items():
            encoded = self.format.encode(found.positions) if self.positions else b""
            yield term.encode(), len(found.positions), found.weight, encoded


SCHEMA = fields.Schema(
    id=fields.ID(unique=True),
    text=Analysed(positions=False),
    pairs=Analysed(positions=False),
    words=Analysed(positions=False),
    places=Analysed(positions=True),
    errors=Analysed(positions=True),
    record=fields.STORED,
    meaning=fields.STORED,
)
"""The fields are those of `kb.search.terms.Indexed`, and what a document is replaced by."""


def fields_of(documents: Sequence[Document]) -> Iterator[dict[str, object]]:
    """Yield the arguments of Whoosh's `add_document` for each document. Raises as `indexed`."""
    for one in indexed(documents):
        yield one._asdict() | {"id": str(one.record.id), "record": tuple(one.record)}
