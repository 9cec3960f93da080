"""The embedded engines there are, and opening the one that was chosen."""

from importlib import import_module
from pathlib import Path

from kb.executor import Executor
from kb.search.engine import SearchEngine
from kb.settings import EngineName

_CLASSES = {
    EngineName.WHOOSH: ("kb.search.whoosh.engine", "WhooshEngine"),
    EngineName.TANTIVY: ("kb.search.tantivy.engine", "TantivyEngine"),
}

_LATER = {
    EngineName.WHOOSH: (
        "whoosh.codec.whoosh3",
        "whoosh.query",
        "whoosh.searching",
        "whoosh.writing",
    )
}
"""What an engine imports by itself when it first reads or writes an index: in each process anew,
if the one that these are forked from has not."""


def modules_of(name: EngineName) -> tuple[str, ...]:
    """Return the modules that worker processes need for the engine of that name."""
    return _CLASSES[name][0], *_LATER.get(name, ())


def open_engine(name: EngineName, root: Path, executor: Executor) -> SearchEngine:
    """Return the engine of that name over an index under `root`; only it is imported."""
    module, class_name = _CLASSES[name]
    engine: SearchEngine = getattr(import_module(module), class_name)(root, executor)
    return engine
