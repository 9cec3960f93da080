"""An installed kb serves the same as a checkout: what it shows travels in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.servers import Server, environment

pytestmark = pytest.mark.chaos

CHECKOUT = Path(__file__).parents[2]


def test_a_wheel_carries_templates_static_files_and_starter_entries(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)

    where = [sys.executable, "-c", "import kb; print(kb.__file__)"]
    outside = environment(tmp_path / "data", PYTHONPATH=str(unpacked))
    imported = subprocess.run(
        where, env=outside, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert imported.stdout.startswith(str(unpacked))

    with Server(tmp_path / "data", PYTHONPATH=str(unpacked)) as server:
        page = server.client.get("/", params={"q": "event loop"})
        assert page.status_code == 200
        assert "FastAPI async endpoints must not block" in page.text
        address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
        assert server.client.get(address).status_code == 200
