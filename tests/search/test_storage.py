"""What an index keeps through writes, rebuilds, damage and several writers."""

import asyncio
import gc
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.executor import Executor
from kb.search import terms
from kb.search.engine import Document, IndexUnavailable, SearchHits
from kb.settings import EngineName
from tests.search.searcher import ENGINE, Searcher, batches, document, open_chosen


def current_folder(root: Path) -> Path:
    folder: str = json.loads((root / "current.json").read_text())["folder"]
    return root / folder


async def test_without_an_index_every_call_says_so(searcher: Searcher) -> None:
    engine = searcher.engine
    for call in (
        searcher.search("x"),
        engine.contents(),
        engine.generation(),
        engine.apply([], []),
    ):
        with pytest.raises(IndexUnavailable):
            await call


async def test_a_rebuilt_index_holds_what_it_was_given(searcher: Searcher) -> None:
    await searcher.engine.rebuild(batches([document(1, revision=4)], [], [document(2)]))
    assert await searcher.engine.contents() == {1: 4, 2: 1}
    await searcher.engine.rebuild(batches())
    assert await searcher.engine.contents() == {}
    assert await searcher.ids("") == []
    assert await searcher.ids("word*") == []


async def test_an_empty_index_takes_entries(searcher: Searcher) -> None:
    await searcher.build()
    await searcher.engine.apply([document(7, "Hello words")], [])
    assert await searcher.ids("hello") == [7]


async def test_the_generation_changes_with_every_write_and_only_then(searcher: Searcher) -> None:
    await searcher.build(document(1, "First"))
    seen = [await searcher.engine.generation()]
    assert (await searcher.search("first")).generation == seen[0]
    assert await searcher.engine.generation() == seen[0]
    await searcher.engine.apply([document(2)], [])
    seen.append(await searcher.engine.generation())
    await searcher.engine.apply([], [2])
    seen.append(await searcher.engine.generation())
    await searcher.build(document(1, "First"))
    seen.append(await searcher.engine.generation())
    assert len(set(seen)) == len(seen)


async def test_a_rebuild_keeps_the_folder_before_and_no_older_one(searcher: Searcher) -> None:
    folders = []
    for _ in range(4):
        await searcher.build(document(1))
        folders.append(current_folder(searcher.root))
    kept = {path for path in searcher.root.iterdir() if path.is_dir()}
    assert kept == set(folders[-2:])


async def test_searches_answer_from_the_old_index_while_a_new_one_is_built(
    searcher: Searcher,
) -> None:
    await searcher.build(document(1, "Old title"))

    async def documents() -> AsyncIterator[Sequence[Document]]:
        assert await searcher.ids("old") == [1]
        yield [document(1, "New title")]
        assert await searcher.ids("old") == [1]

    await searcher.engine.rebuild(documents())
    assert await searcher.ids("old") == []
    assert await searcher.ids("new") == [1]


async def test_a_rebuild_that_fails_leaves_the_old_index(searcher: Searcher) -> None:
    await searcher.build(document(1, "Old title"))

    async def documents() -> AsyncIterator[Sequence[Document]]:
        yield [document(2)]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        await searcher.engine.rebuild(documents())
    assert await searcher.ids("old") == [1]
    await searcher.build(document(3))
    assert await searcher.engine.contents() == {3: 1}


def undo_commit(folder: Path, before: Path) -> None:
    """Leave the files of a commit, but for what makes it one: that is written last."""
    for path in folder.glob("*.toc"):
        path.unlink()
    listed = shutil.ignore_patterns(".managed.json")
    shutil.copytree(before, folder, ignore=listed, dirs_exist_ok=True)


async def test_what_a_write_left_that_was_killed_is_in_nobodys_way(
    searcher: Searcher, tmp_path: Path
) -> None:
    await searcher.build(document(1, "Old title"), document(2))
    folder = current_folder(searcher.root)
    before = Path(shutil.copytree(folder, tmp_path / "before"))
    await searcher.engine.apply([document(1, "New title")], [])
    undo_commit(folder, before)

    assert await searcher.ids("title") == await searcher.ids("old") == [1]
    await searcher.engine.apply([document(1, "New title")], [])
    assert await searcher.ids("title") == await searcher.ids("new") == [1]


def damage_pointer(root: Path) -> None:
    (root / "current.json").write_bytes(b"\x00{")


def point_nowhere(root: Path) -> None:
    (root / "current.json").write_text('{"folder": "../../etc", "schema": 1}')


def forget_pointer(root: Path) -> None:
    (root / "current.json").unlink()


def lose_everything(root: Path) -> None:
    shutil.rmtree(root)


def lose_files(root: Path) -> None:
    for path in current_folder(root).iterdir():
        path.unlink()


def damage_files(root: Path) -> None:
    for path in current_folder(root).iterdir():
        path.write_bytes(b"\xff" * path.stat().st_size)


def empty_files(root: Path) -> None:
    for path in current_folder(root).iterdir():
        path.write_bytes(b"")


DAMAGE = [
    damage_pointer,
    point_nowhere,
    forget_pointer,
    lose_everything,
    lose_files,
    damage_files,
    empty_files,
]


# Whoosh leaves the file open in which it finds the damage.
open_files = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@open_files
@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_index_is_unavailable_and_a_rebuild_heals_it(
    searcher: Searcher, tmp_path: Path, damage: object
) -> None:
    await searcher.build(document(1, "First title"))
    damage(searcher.root)  # type: ignore[operator]
    # A reader of its own: who has the files open already may well answer from them.
    other = Searcher(searcher.root)
    with pytest.raises(IndexUnavailable):
        await other.search("first")
    with pytest.raises(IndexUnavailable):
        await other.engine.apply([document(2)], [])
    await other.build(document(1, "First title"))
    assert await other.ids("first") == [1]
    gc.collect()  # while what it says of open files is passed over


async def test_an_index_of_another_version_is_unavailable(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await searcher.build(document(1))
    monkeypatch.setattr(terms, "SCHEMA_VERSION", terms.SCHEMA_VERSION + 1)
    with pytest.raises(IndexUnavailable, match="version"):
        await searcher.search("x")
    await searcher.build(document(1))
    assert await searcher.engine.contents() == {1: 1}


async def test_writers_of_one_index_take_turns(searcher: Searcher) -> None:
    await searcher.build()
    engines = [open_chosen(searcher.root) for _ in range(4)]
    await asyncio.gather(
        *(
            engines[number % 4].apply([document(number, f"Entry {number}")], [])
            for number in range(1, 21)
        )
    )
    assert await searcher.engine.contents() == dict.fromkeys(range(1, 21), 1)


async def test_worker_processes_search_write_and_report(tmp_path: Path) -> None:
    async with Executor(processes=1) as executor:
        processes = Searcher(tmp_path / "index", executor)
        with pytest.raises(IndexUnavailable, match="no search index"):
            await processes.search("x")
        await processes.build(document(1, "Event loop"))
        assert await processes.ids("event") == [1]
        await processes.engine.apply([document(2, "Event horizon")], [1])
        assert await processes.ids("event") == [2]


QUERIES = ("", "async", "loop docker", "run_in_executor", '"async loop"', "loop -async", "d*")

CHANGE = st.tuples(
    st.lists(
        st.builds(
            lambda number, revision, words: document(number, " ".join(words), revision=revision),
            st.integers(1, 6),
            st.integers(1, 3),
            st.lists(
                st.sampled_from(["async", "loop", "run_in_executor", "docker", "the"]), max_size=4
            ),
        ),
        max_size=5,
    ),
    st.lists(st.integers(1, 6), max_size=3),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGE, max_size=6))
async def test_an_index_kept_up_to_date_equals_one_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[list[Document], list[int]]]
) -> None:
    kept = Searcher(tmp_path_factory.mktemp("kept"))
    rebuilt = Searcher(tmp_path_factory.mktemp("rebuilt"))
    expected: dict[int, Document] = {}
    await kept.build()
    for upserts, deletes in changes:
        await kept.engine.apply(upserts, deletes)
        expected.update({one.id: one for one in upserts})
        for number in deletes:
            expected.pop(number, None)
    await rebuilt.build(*expected.values())
    revisions = {number: one.revision for number, one in expected.items()}
    assert await kept.engine.contents() == await rebuilt.engine.contents() == revisions
    for text in QUERIES:
        ours, theirs = [await one.search(text, limit=None) for one in (kept, rebuilt)]
        assert found(ours) == found(theirs)
        assert {k: dict(v) for k, v in ours.facets.items()} == {
            k: dict(v) for k, v in theirs.facets.items()
        }


def found(hits: SearchHits) -> list[int]:
    """The ids in their order; by number where what is gone counts until segments are merged."""
    ids = [hit.id for hit in hits.hits]
    return ids if ENGINE is EngineName.WHOOSH else sorted(ids)


def test_a_store_error_is_one_the_caller_can_be_told_about() -> None:
    assert issubclass(IndexUnavailable, KbError)
    assert IndexUnavailable.status == 503
