"""Secrets never reach a log line: a whole server's output, while they go through every door."""

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import AsyncClient, Client

from tests.accounts.test_provider import SECRET as CLIENT_SECRET
from tests.accounts.test_provider import provider, vouched_for
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


def decisions(base: str, token: str) -> list[int]:
    """Vote, report and decide with the secret in all that can be said; return the statuses."""
    bearer = {"authorization": f"Bearer {token}"}
    with (
        Client(base_url=base, timeout=PATIENCE) as visitor,
        Client(base_url=base, timeout=PATIENCE, headers=bearer) as maintainer,
    ):
        slug = maintainer.post(f"{DIRECTORY}/entries", json=make_values()).json()["slug"]
        held = [
            visitor.post(f"{DIRECTORY}/entries", json=make_values(problem=SECRET, why=str(n)))
            for n in range(3)
        ]
        first, second, third = (one.json()["id"] for one in held)
        said = {"reason": SECRET}
        entry, review = f"{DIRECTORY}/entries/{slug}", f"{DIRECTORY}/suggestions"
        answers = [
            maintainer.get(f"/review/{first}"),
            maintainer.post(f"{review}/{first}/reject", json=said),
            maintainer.post(f"{review}/{first}/reject"),
            maintainer.post(f"{review}/{second}/accept", json={"summary": SECRET}),
            visitor.post(f"{review}/{third}/withdraw"),
            visitor.post(f"{entry}/votes", json={"value": SECRET}),
            visitor.post(f"{entry}/votes", json={"value": 1}),
            visitor.post(f"{entry}/reports", json={"holds": True, "version": "1", "note": SECRET}),
            visitor.post(f"/entries/{slug}/reports", data={"holds": "no", "version": SECRET}),
            visitor.post(f"/entries/{slug}/vote", data={"value": SECRET}),
            maintainer.post(f"{entry}/archive", json=said),
            maintainer.post(f"/entries/{slug}/archive", data=said),
            maintainer.post(f"{entry}/revisions", json={"base": 1, "why": SECRET}),
        ]
    return [one.status_code for one in answers]


def test_no_secret_of_a_decision_is_logged(server: Logged) -> None:
    token = kb(server.data, "token", "create", "script", "--role", "maintainer").stdout.strip()
    statuses = decisions(server.base, token)
    said = server.end()

    assert statuses == [200, 422, 200, 200, 200, 422, 200, 422, 422, 422, 422, 422, 202]
    assert SECRET not in said
    assert token not in said


def test_no_secret_of_a_sign_in_through_a_provider_is_logged(tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "output"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with provider(f"{base}/sign-in/provider/callback") as issuer, output.open("wb") as file:
        settings = {
            "KB_OIDC_DISCOVERY_URL": f"{issuer}/.well-known/openid-configuration",
            "KB_OIDC_CLIENT_ID": "kb",
            "KB_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }
        process = subprocess.Popen(
            [*KB, "serve", "--port", str(port)],
            env=environment(data, **settings),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=file,
        )
        try:
            assert process.stdout
            process.stdout.readline()
            secrets = asyncio.run(signed_in_through_provider(base))
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)
    said = output.read_text(encoding="utf-8")
    assert "failed" in said  # the code that was used up
    assert len(secrets) == 5
    assert [one for one in (*secrets, CLIENT_SECRET) if one in said] == []


async def signed_in_through_provider(base: str) -> list[str]:
    """Sign in, and fail to; return what nobody else may know of it."""
    async with AsyncClient(base_url=base, timeout=PATIENCE) as client:
        begun = await client.get("/sign-in/provider")
        attempt = client.cookies["kb_attempt"].split(".")[:3]
        address = await vouched_for(begun, "1:ann", f"{base}/sign-in/provider/callback")
        code = parse_qs(urlsplit(address).query)["code"]
        done = await client.get(address)
        assert done.status_code == 303
        again = await client.get(address)
        assert again.status_code == 401
        session = client.cookies["kb_session"]
        client.cookies.set("kb_attempt", ".".join([*attempt, "2f"]))
        assert (await client.get(address)).status_code == 502  # the code is used up
    return [*attempt, *code, session]


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
