"""Import → export → import changes nothing; neither does a detour over an empty knowledge base."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from kb.accounts.service import local_owner
from kb.entries.records import EntryRecord
from kb.resources import folder
from kb.runtime import Runtime, open_runtime
from kb.settings import AnonymousAccess, Settings
from kb.transfer.exporting import export_records, write_ndjson
from kb.transfer.folder import EntryFolder
from kb.transfer.importing import import_records
from kb.transfer.reading import Reader
from tests.conftest import CORPUS, copied

OWNER = local_owner(AnonymousAccess.SUGGEST)
FIRST_OF_HIVEBRAIN = 200
STARTERS = folder("entries")


def starter_entries(_tmp_path: Path) -> Path:
    return STARTERS


def collected_entries(tmp_path: Path) -> Path:
    corpus = CORPUS / "hivebrain.ndjson"
    if not corpus.exists():
        pytest.skip("the shared corpus is not beside this repository")
    file = tmp_path / "hivebrain.ndjson"
    with corpus.open(encoding="utf-8") as lines:
        file.write_text("".join(islice(lines, FIRST_OF_HIVEBRAIN)), encoding="utf-8")
    return file


async def take_in(runtime: Runtime, path: Path) -> dict[str, int]:
    reader = await runtime.executor.io(Reader, [path])
    batches = import_records(runtime.database, runtime.executor, OWNER, reader)
    return dict(Counter([one.status.value async for batch in batches for one in batch]))


async def exported(runtime: Runtime, path: Path, *, history: bool = False) -> Path:
    """Export to `path`, a folder of entry files or an .ndjson file, and return it."""
    batches = [batch async for batch in export_records(runtime.database, OWNER, history=history)]
    if path.suffix != ".ndjson":
        folder = await runtime.executor.io(EntryFolder, path)
        for batch in batches:
            entries = [record for record in batch if isinstance(record, EntryRecord)]
            await runtime.executor.io(folder.write, entries)
        return path
    with path.open("wb") as file:
        for batch in batches:
            await runtime.executor.io(write_ndjson, file, batch)
    return path


def contents(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*.md")}


@pytest.mark.parametrize("entries", [starter_entries, collected_entries])
@pytest.mark.parametrize("ending", ["", ".ndjson"])
async def test_import_export_import_changes_nothing(
    runtime: Runtime, blank_data: Path, tmp_path: Path, entries: object, ending: str
) -> None:
    source = entries(tmp_path)  # type: ignore[operator]
    created = await take_in(runtime, source)
    assert created.keys() == {"created"}
    number = created["created"]
    assert number >= 16

    first = await exported(runtime, tmp_path / f"first{ending}")
    assert await take_in(runtime, first) == {"unchanged": number}
    assert await take_in(runtime, source) == {"unchanged": number}
    second = await exported(runtime, tmp_path / f"second{ending}")
    assert contents(second) == contents(first)

    data = copied(blank_data, tmp_path / "elsewhere")
    async with open_runtime(Settings(data_dir=data), processes=0) as elsewhere:
        assert await take_in(elsewhere, first) == {"created": number}
        assert contents(await exported(elsewhere, tmp_path / f"third{ending}")) == contents(first)
