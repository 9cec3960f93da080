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


def module_of(name: EngineName) -> str:
    """Return the module of the engine of that name, which worker processes need."""
    return _CLASSES[name][0]


def open_engine(name: EngineName, root: Path, executor: Executor) -> SearchEngine:
    """Return the engine of that name over an index under `root`; only it is imported."""
    module, class_name = _CLASSES[name]
    engine: SearchEngine = getattr(import_module(module), class_name)(root, executor)
    return engine
