"""Secrets never reach a log line: a whole server's output, while they go through every door."""

import json
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import Client

from tests.factories import make_values
from tests.servers import KB, PATIENCE, environment, kb

pytestmark = pytest.mark.chaos

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
DIRECTORY = "/api/v1"


@dataclass
class Logged:
    """A server, the folder it works on, and the file that all of its output goes to."""

    base: str
    link: str
    data: Path
    output: Path
    process: subprocess.Popen[bytes]

    def end(self) -> str:
        """Stop it; return all that it has said."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        return self.output.read_text(encoding="utf-8")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Logged]:
    data, output = tmp_path / "data", tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*KB, "serve", "--port", "0"],
            env=environment(data),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=file,
        )
        assert process.stdout
        base = process.stdout.readline().split()[-1].decode()
        link = process.stdout.readline().split()[-1].decode()
        yield Logged(base, link, data, output, process)
        process.kill()
        process.communicate()


def everywhere(client: Client) -> None:
    """Send the secret through every part of a request that could hold one."""
    for address in ("/", f"{DIRECTORY}/search", f"{DIRECTORY}/suggest", "/tags", "/nowhere"):
        client.get(address, params={"q": SECRET})
    client.get(f"/sign-in?token={SECRET}&next=/{SECRET}")
    client.get(f"/sign-in/callback?code={SECRET}&state={SECRET}")
    client.get(f"/entries/{SECRET}")
    for headers in (
        {"authorization": f"Bearer kb_{SECRET}"},
        {"authorization": f"Basic {SECRET}"},
        {"cookie": f"kb_session={SECRET}; kb_visitor={SECRET}"},
        {"idempotency-key": SECRET, "if-match": SECRET},
    ):
        client.get(f"{DIRECTORY}/entries", headers=headers)
        client.post(f"{DIRECTORY}/entries", headers=headers, json=make_values(problem=SECRET))
    for body in (json.dumps({"title": SECRET}), f'{{"{SECRET}": 1}}', SECRET, f"[{SECRET}"):
        kind = {"content-type": "application/json"}
        client.post(f"{DIRECTORY}/entries", headers=kind, content=body)
        client.post(f"{DIRECTORY}/import", headers=kind, content=body)
    client.post("/sign-in", data={"name": SECRET, "password": SECRET})
    client.post("/entries", data={"title": SECRET, "action": SECRET})


def broken(base: str) -> None:
    """Send what is no HTTP, with the secret in it."""
    host, port = base.removeprefix("http://").split(":")
    for text in (
        f"{SECRET}\r\n\r\n",
        f"GET /{SECRET} HTTP/9\r\n\r\n",
        f"GET /\x00{SECRET}\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(f"{text}\r\n\r\n".encode())
            connection.recv(1000)


def test_no_secret_of_a_request_is_logged(server: Logged) -> None:
    with Client(base_url=server.base, timeout=PATIENCE) as client:
        everywhere(client)
    broken(server.base)
    said = server.end()

    assert SECRET not in said
    assert server.link.rpartition("=")[2] not in said


def test_a_fault_of_ours_is_logged_without_what_was_sent(server: Logged) -> None:
    token = kb(server.data, "token", "create", "script", "--role", "owner").stdout.strip()
    with sqlite3.connect(server.data / "kb.sqlite3") as database:
        database.execute("DROP TABLE revision")
    with Client(base_url=server.base, timeout=PATIENCE) as client:
        sent = make_values(problem="It fails.", why=f"A value: {SECRET[:20]}")
        headers = {"authorization": f"Bearer {token}", "connection": "close"}
        answer = client.post(f"{DIRECTORY}/entries", json=sent, headers=headers)
        line = json.dumps(make_values(title="Taken in from elsewhere", why=SECRET[:20]))
        kind = {"content-type": "application/x-ndjson"}
        client.post(f"{DIRECTORY}/import", content=line, headers=headers | kind)
    said = server.end()

    assert answer.status_code == 500
    assert "revision" in said  # it was logged
    assert SECRET[:20] not in said
    assert token not in said
