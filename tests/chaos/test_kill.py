"""kill -9 at the worst moments: what was acknowledged is neither lost nor left unfound."""

import random
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from httpx2 import TransportError

from tests.factories import make_values
from tests.servers import Server, kb, wait_for

pytestmark = pytest.mark.chaos

ROUNDS = 3


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def token(data_dir: Path) -> str:
    return kb(data_dir, "token", "create", "chaos", "--role", "maintainer").stdout.strip()


def create(server: Server) -> str:
    answer = server.client.post("/api/v1/entries", json=make_values())
    assert answer.status_code == 201, answer.text
    slug: str = answer.json()["slug"]
    return slug


def revise(server: Server, slug: str, base: int, word: str) -> None:
    answer = server.client.post(
        f"/api/v1/entries/{slug}/revisions",
        json={"why": f"Because of the {word}."},
        headers={"If-Match": f'"r{base}"'},
    )
    assert answer.status_code == 201, answer.text


def finds(server: Server, word: str) -> bool:
    # Verbatim: else a word that is not indexed yet is taken for a slip of one that is.
    found = server.client.get("/api/v1/search", params={"q": word, "verbatim": "1"}).json()
    return bool(found["total"])


def agree(data_dir: Path) -> bool:
    """Say whether the index holds what the database does; where there is none, searches ask it."""
    return kb(data_dir, "check").stdout == "The search index and the database agree.\n"


def word_for(number: int) -> str:
    """Return a word of letters that only this number has."""
    return "quagga" + "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "x"


def test_an_edit_that_was_committed_and_not_indexed_is_found_after_the_restart(
    data_dir: Path, token: str
) -> None:
    with Server(data_dir, token=token) as server:
        slug = create(server)
        with FileLock(data_dir / "indexer.lock"):  # nothing is indexed meanwhile
            revise(server, slug, 1, "axolotl")
            server.end(signal.SIGKILL)
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() != (0,)

    with Server(data_dir, token=token) as server:
        assert wait_for(lambda: finds(server, "axolotl"))
        assert wait_for(lambda: agree(data_dir))


def test_kills_at_random_moments_lose_no_acknowledged_edit(data_dir: Path, token: str) -> None:
    chance = random.Random(7)
    slug, acknowledged = "", 1
    for _ in range(ROUNDS):
        with Server(data_dir, token=token) as server:
            slug = slug or create(server)
            current = server.client.get(f"/api/v1/entries/{slug}").json()["revision"]
            # One more than was acknowledged may be there: the reply died with the server.
            assert acknowledged <= current <= acknowledged + 1
            # The first revision of a server waits for its workers to start: a kill before that
            # would be a kill of nothing.
            revise(server, slug, current, word_for(current + 1))
            acknowledged = current + 1
            timer = threading.Timer(chance.uniform(0.1, 1.0), server.end, [signal.SIGKILL])
            timer.start()
            try:
                while True:
                    revise(server, slug, acknowledged, word_for(acknowledged + 1))
                    acknowledged += 1
            except TransportError:
                timer.join()

    with Server(data_dir, token=token) as server:
        current = server.client.get(f"/api/v1/entries/{slug}").json()["revision"]
        assert acknowledged <= current <= acknowledged + 1
        assert wait_for(lambda: finds(server, word_for(current)))
        assert wait_for(lambda: agree(data_dir))
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["one", "many"])
def test_a_killed_server_leaves_no_process_behind(
    data_dir: Path, arguments: tuple[str, ...]
) -> None:
    with Server(data_dir, *arguments) as server:
        assert server.client.get("/api/v1/search", params={"q": "loop"}).status_code == 200
        assert len(server.living()) > 1

        server.end(signal.SIGKILL)

        assert wait_for(lambda: not server.living())
