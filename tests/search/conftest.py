"""An engine on a folder of the test's own."""

from pathlib import Path

import pytest

from tests.search.searcher import Searcher


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    """An engine without an index yet."""
    return Searcher(tmp_path / "index")
