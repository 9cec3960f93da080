"""A benchmark, run as its command is."""

import subprocess
import sys
from pathlib import Path

from tests.servers import PATIENCE

ROOT = Path(__file__).parents[2]


def run_module(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what `python -m NAME ARGUMENTS` printed, and how it ended."""
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )
