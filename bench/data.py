"""Knowledge bases to measure: the real thing, in folders that are gone afterwards."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bench.corpus import Corpus
from bench.fts5 import Fts5
from bench.server import ENGINE
from kb.accounts import tokens
from kb.accounts.policy import Actor, Role
from kb.accounts.tokens import NewToken
from kb.entries.records import EntryRecord
from kb.runtime import Runtime, open_runtime
from kb.settings import AnonymousAccess, EngineName, Settings
from kb.transfer.exporting import write_ndjson
from kb.transfer.importing import import_records
from kb.transfer.plan import Status
from kb.transfer.reading import Reader


@dataclass(frozen=True, slots=True)
class Making:
    """What it took to make the data; times are in seconds."""

    entries: int
    imported: float
    built: float
    index_bytes: int


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What it took to build the yardstick: seconds, and bytes on the disk."""

    built: float
    bytes: int


class OwnSettings(Settings):
    """Settings of which none comes from the environment, or from a file where the run began."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature of pydantic's)
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return what is said in the code alone."""
        return (init_settings,)


def chosen_engine() -> EngineName:
    """Return what is to be measured: the one setting that is taken from outside."""
    return EngineName(os.environ.get(ENGINE, EngineName.WHOOSH))


@contextmanager
def temporary_settings() -> Iterator[Settings]:
    """Yield settings on a data folder of their own; it is removed at the end."""
    with TemporaryDirectory(prefix="kb-bench-") as name:
        yield OwnSettings(data_dir=Path(name) / "data", search_engine=chosen_engine())


async def make(settings: Settings, corpus: Corpus, number: int) -> Making:
    """Import `number` entries as `kb import` does, and build the index."""
    settings.data_dir.mkdir(parents=True)
    file = settings.data_dir / "entries.ndjson"
    with file.open("wb") as lines:
        for record in corpus.records(number):
            write_ndjson(lines, [record])
    async with open_runtime(settings) as runtime:
        started = time.perf_counter()
        await _import(runtime, Reader([file]))
        imported = time.perf_counter()
        await runtime.indexer.rebuild()
        built = time.perf_counter()
    file.unlink()
    return Making(
        entries=number,
        imported=imported - started,
        built=built - imported,
        index_bytes=sum(f.stat().st_size for f in settings.index_dir.rglob("*") if f.is_file()),
    )


def without_index(settings: Settings) -> Settings:
    """Return settings on a copy of the data, which nobody works on now, without the index."""
    return copied(settings, "searchless", settings.index_dir.name)


def copied(settings: Settings, name: str, *left_out: str) -> Settings:
    """Return settings on a new copy, of that name, of the data, which nobody works on now."""
    folder = settings.data_dir.with_name(name)
    shutil.copytree(settings.data_dir, folder, ignore=shutil.ignore_patterns(*left_out))
    return OwnSettings(data_dir=folder, search_engine=settings.search_engine)


async def token(settings: Settings, name: str) -> str:
    """Return a new API token of that name, which may do what a maintainer may."""
    owner = Actor("bench", Role.OWNER, AnonymousAccess.READ)
    async with open_runtime(settings, processes=0) as runtime, runtime.database.write() as session:
        return await tokens.create_for(session, owner, NewToken(name, Role.MAINTAINER))


def build(fts5: Fts5, records: Iterable[EntryRecord]) -> Yardstick:
    """Build the yardstick of the records."""
    every = list(records)
    started = time.perf_counter()
    fts5.build(every)
    return Yardstick(time.perf_counter() - started, fts5.path.stat().st_size)


def waiting(settings: Settings) -> int:
    """Return how many changes the index has not taken in yet."""
    with closing(sqlite3.connect(settings.database_path)) as database:
        number: int = database.execute("SELECT count(*) FROM outbox").fetchone()[0]
        return number


async def _import(runtime: Runtime, reader: Reader) -> None:
    actor = Actor("bench", Role.OWNER, AnonymousAccess.READ)
    async for outcomes in import_records(runtime.database, runtime.executor, actor, reader):
        refused = [outcome for outcome in outcomes if outcome.status is not Status.CREATED]
        if refused:
            raise RuntimeError(f"An entry of the benchmark was not created: {refused[0]}")
