"""What a benchmark is run with: what it says, and nothing that lies about."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from bench import data, server
from kb.settings import AnonymousAccess, EngineName

INSTALLED = [one for one in EngineName if find_spec(one)]

pytestmark = pytest.mark.parametrize("engine", INSTALLED)


@pytest.fixture(autouse=True)
def set_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: EngineName) -> None:
    """An engine chosen for the run, and settings of somebody's own that are not meant for it."""
    other = next(one for one in EngineName if one is not engine)
    lines = [f"KB_SEARCH_ENGINE={other}", "KB_ANONYMOUS=none", "KB_PUBLIC_URL=http://own.test"]
    (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KB_ANONYMOUS", "edit")
    monkeypatch.delenv("KB_SEARCH_ENGINE", raising=False)
    if engine is not EngineName.WHOOSH:
        monkeypatch.setenv("KB_SEARCH_ENGINE", engine)


def test_only_the_engine_is_taken_from_outside(engine: EngineName) -> None:
    with data.temporary_settings() as settings:
        assert settings.search_engine is engine
        assert settings.anonymous is AnonymousAccess.SUGGEST
        assert settings.public_url is None


def test_commands_and_servers_are_run_with_the_same(engine: EngineName) -> None:
    with data.temporary_settings() as settings:
        settings.data_dir.mkdir()
        said = server.run_kb(settings, "settings").stdout
    assert f"KB_SEARCH_ENGINE = {engine}" in said
    assert "KB_ANONYMOUS = suggest" in said
    assert "own.test" not in said
