"""What processes hold and have worked, as Linux tells."""

import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from bench import processes

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")


def test_processes_that_are_gone_hold_and_do_nothing() -> None:
    assert processes.memory(2**30) is None
    assert processes.cpu_seconds(2**30) is None


@linux
def test_processes_that_live_hold_memory() -> None:
    memory = processes.memory(os.getpgrp())

    assert memory
    assert 0 < memory.proportional <= memory.resident


@linux
def test_the_most_held_counts_from_the_beginning() -> None:
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with Popen(command, stdin=PIPE, stdout=PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        with processes.watched(process.pid) as peak:
            held = peak()
        process.communicate(b"\n")
    assert held.all > 0
    assert held.own > 0


SECONDS = 0.2

CHILD = f"""
import time
while time.process_time() < {SECONDS}:
    pass
"""

PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]])
print(flush=True)
input()
"""


@linux
def test_what_a_child_has_worked_counts_after_its_end() -> None:
    command = [sys.executable, "-c", PARENT, CHILD]
    with Popen(command, stdin=PIPE, stdout=PIPE, start_new_session=True) as parent:
        assert parent.stdout
        parent.stdout.readline()
        worked = processes.cpu_seconds(parent.pid)
        parent.communicate(b"\n")
    assert worked
    # Linux counts whole ticks, those of the user and of the system each rounded down.
    assert worked > SECONDS / 2
