"""The engines measured in small, in this process."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from bench import engines
from kb.settings import EngineName


@pytest.fixture(autouse=True)
def blocking_calls() -> None:
    """Let the event loop be blocked: nobody but the measurement waits for it."""


@pytest.mark.parametrize("engine", EngineName)
def test_an_engine_is_built_and_asked(engine: EngineName, tmp_path: Path) -> None:
    if find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")

    built = engines._build(engine, tmp_path, 5)
    asked = engines._ask(engine, tmp_path, ["event loop", "docker"])

    assert built.seconds > 0
    assert built.size > 0
    assert 0 < asked.p50 <= asked.p99
    assert 0 < asked.again_p50 <= asked.again_p99
