"""An engine on a folder of the test's own."""

from pathlib import Path

import pytest

from kb.settings import EngineName
from tests.search.searcher import ENGINE, Searcher

# What is said of one engine alone.
collect_ignore = [name for name in EngineName if name is not ENGINE]


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    """An engine without an index yet."""
    return Searcher(tmp_path / "index")
