"""kill -9 in the middle of requests with an Idempotency-Key: each is carried out once at most."""

import random
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from httpx2 import Response, TransportError

from tests.factories import make_values
from tests.servers import Server, kb

pytestmark = pytest.mark.chaos

ROUNDS = 2
ENTRIES = "/api/v1/entries"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def send(server: Server, number: int) -> Response:
    key = {"Idempotency-Key": f"key-{number}"}
    values = make_values(title=f"Sent again and again, number {number}")
    return server.client.post(ENTRIES, json=values, headers=key)


def end_every_hold(data_dir: Path) -> None:
    """Let the time pass that those who were killed still hold their keys."""
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database, database:
        database.execute("UPDATE idempotency_key SET held_until = '2000-01-01 00:00:00.000000'")


def test_what_is_sent_again_after_a_kill_is_there_once(data_dir: Path) -> None:
    token = kb(data_dir, "token", "create", "chaos", "--role", "maintainer").stdout.strip()
    chance = random.Random(11)
    number = 0
    for _ in range(ROUNDS):
        with Server(data_dir, "--workers", "2", token=token) as server:
            timer = threading.Timer(chance.uniform(0.1, 0.5), server.end, [signal.SIGKILL])
            timer.start()
            try:
                while True:
                    assert send(server, number + 1).status_code == 201
                    number += 1
            except TransportError:
                timer.join()
        end_every_hold(data_dir)
        with Server(data_dir, token=token) as server:
            answer = send(server, number + 1)
            number += 1
            if answer.status_code == 409:
                assert answer.json()["type"] == "/problems/answer-lost"
            else:
                assert answer.status_code == 201
            again = send(server, number)
            assert (again.status_code, again.content) == (answer.status_code, answer.content)
    with closing(sqlite3.connect(data_dir / "kb.sqlite3")) as database:
        titles = "SELECT count(*), count(DISTINCT title) FROM entry WHERE title LIKE 'Sent again%'"
        assert database.execute(titles).fetchone() == (number, number)
