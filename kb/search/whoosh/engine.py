"""The search engine over Whoosh."""

from kb.search import terms
from kb.search.embedded import EmbeddedEngine, Files
from kb.search.whoosh import completing, searching, store, writing


class WhooshEngine(EmbeddedEngine):
    """Serves `kb.search.engine.SearchEngine` from an index that Whoosh keeps."""

    files = Files(
        terms.version,
        store.generation,
        searching.search,
        completing.complete,
        searching.contents,
        store.create,
        writing.apply,
        writing.build,
    )
