"""What processes hold and have worked, as Linux tells."""

import os
from pathlib import Path

import pytest

from bench import processes


def test_processes_that_are_gone_hold_and_do_nothing() -> None:
    assert processes.memory(2**30) is None
    assert processes.cpu_seconds(2**30) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_processes_that_live_hold_memory() -> None:
    memory = processes.memory(os.getpgrp())

    assert memory
    assert 0 < memory.proportional <= memory.resident
