"""The search engine over tantivy."""

from kb.search.embedded import EmbeddedEngine, Files
from kb.search.tantivy import completing, schema, searching, snapshot, writing


class TantivyEngine(EmbeddedEngine):
    """Serves `kb.search.engine.SearchEngine` from an index that tantivy keeps."""

    files = Files(
        schema.version,
        snapshot.generation,
        searching.search,
        completing.complete,
        searching.contents,
        writing.create,
        writing.apply,
        writing.build,
    )
