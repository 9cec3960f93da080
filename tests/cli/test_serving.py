"""`kb serve`, a process of its own."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.resources import folder
from tests.cli.conftest import Kb
from tests.servers import Server, wait_for

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was started on a data folder that did not exist."""
    data_dir = tmp_path_factory.mktemp("served") / "data"
    with Server(data_dir) as started:
        yield started


def test_the_first_start_loads_the_starter_entries_and_finds_them(server: Server) -> None:
    starters = [file for file in folder("entries").rglob("*.md") if file.name != "README.md"]

    found = server.client.get(
        "/api/v1/search", params={"q": "blocking I/O in async endpoints"}
    ).json()

    assert server.client.get("/api/v1/entries").json()["total"] == len(starters)
    assert "fastapi-async-endpoints-must-not-block" in found["items"][0]["slug"]


def test_the_link_signs_the_owner_in_once(server: Server) -> None:
    assert server.link.startswith(f"{server.base}/sign-in?token=")

    first = server.client.get(server.link)
    server.client.cookies.clear()
    second = server.client.get(server.link)

    assert (first.status_code, second.status_code) == (303, 401)


def test_a_taken_port_is_named_with_a_way_out(kb: Kb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = kb("serve", "--port", str(port))

    assert result.exit_code == 1
    assert f"Port {port} is taken" in result.stderr
    assert f"kb serve --port {port + 1}" in result.stderr


def test_an_address_that_is_not_of_this_machine_is_named(kb: Kb) -> None:
    result = kb("serve", "--host", "192.0.2.1")

    assert result.exit_code == 1
    assert "Cannot listen on 192.0.2.1, port 8000" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--workers", "0"), ("--port", "70000"), ("--reload", "--workers", "2")],
    ids=lambda arguments: arguments[0],
)
def test_options_that_make_no_sense_are_usage_errors(kb: Kb, arguments: tuple[str, ...]) -> None:
    assert kb("serve", *arguments).exit_code == 2


def test_many_processes_serve_one_knowledge_base_and_end_together(tmp_path: Path) -> None:
    public = "https://kb.example.org"
    with Server(tmp_path / "data", "--workers", "2", KB_PUBLIC_URL=f"{public}/") as server:
        assert server.link.startswith(f"{public}/sign-in?token=")
        assert server.client.get("/api/v1/entries").json()["total"] > 0
        assert len(server.living()) > 2

        assert server.end(signal.SIGTERM) == 0

        assert wait_for(lambda: not server.living())


def test_ctrl_c_ends_the_server_and_all_its_processes(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        assert server.client.get("/api/v1/search", params={"q": "loop"}).status_code == 200
        assert len(server.living()) > 1

        assert server.end(signal.SIGINT) == 0

        assert wait_for(lambda: not server.living())
