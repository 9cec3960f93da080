"""What the figures were measured on."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kb.settings import EngineName

_PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "sqlalchemy", "anyio")
_ENGINES = {EngineName.WHOOSH: "whoosh-reloaded", EngineName.TANTIVY: "tantivy"}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and what runs on it.

    `memory` is in bytes; `load` is how many processes ran or waited, on average over the minute
    before.
    """

    system: str
    processor: str
    cores: int
    memory: int
    load: float
    python: str
    versions: dict[str, str]

    @property
    def busy(self) -> bool:
        """Whether others were at work: then only ratios of one run mean something."""
        return self.load > self.cores / 4


def describe(engine: EngineName) -> Machine:
    """Return this machine, now, and the version of this engine."""
    packages = (_ENGINES[engine], *_PACKAGES)
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        load=round(os.getloadavg()[0], 1),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions={"sqlite": sqlite3.sqlite_version} | {name: version(name) for name in packages},
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
