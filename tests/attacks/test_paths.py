"""No address, slug or file leads out of the folders that it is about."""

import json
import shutil
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.factories import create_entry, make_values
from tests.servers import kb

OUT = [
    "../../pyproject.toml",
    "..%2f..%2fpyproject.toml",
    "%2e%2e/%2e%2e/pyproject.toml",
    "..%5c..%5cpyproject.toml",
    "%252e%252e%252fpyproject.toml",
    "....//....//pyproject.toml",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "app.css%00.md",
    "file:%2f%2f%2fetc%2fpasswd",
]
SLUGS = [
    "../../evil",
    "..",
    "/tmp/evil",
    "a/b",
    "a\\b",
    "evil\x00",
    "C:evil",
    "~",
    "a.md",
    "%2e%2e",
]


@pytest.mark.parametrize(
    "folder", ["/static/", "/entries/", "/problems/", "/review/", "/api/v1/entries/"]
)
async def test_no_address_leads_out(client: AsyncClient, folder: str) -> None:
    for path in (folder + one + end for one in OUT for end in ("", ".md")):
        answer = await client.get(path)
        assert answer.status_code in (400, 404, 422), answer.request.url
        assert "root:" not in answer.text
        assert "[project]" not in answer.text


async def test_no_slug_of_an_import_leads_out(maintainer: AsyncClient) -> None:
    body = "\n".join(json.dumps(make_values(slug=slug)) for slug in SLUGS)
    kind = {"content-type": "application/x-ndjson"}
    answer = await maintainer.post("/api/v1/import", content=body, headers=kind)
    *_, summary = map(json.loads, answer.text.splitlines())
    assert (summary["created"], summary["rejected"]) == (0, len(SLUGS))


async def test_a_title_like_a_path_becomes_an_ordinary_slug(maintainer: AsyncClient) -> None:
    made = await create_entry(maintainer, title="../../etc/passwd and ..\\..\\more")
    assert made["slug"] == "etc-passwd-and-more"


@pytest.mark.chaos
def test_commands_keep_to_their_folders(tmp_path: Path, blank_data: Path) -> None:
    shutil.copytree(blank_data, tmp_path / "data")
    lines = [make_values(slug=slug, title=f"Entry number {at}") for at, slug in enumerate(SLUGS)]
    good = make_values(slug="good", title="../../an entry", language="../../x", framework="/etc")
    file = tmp_path / "in.ndjson"
    file.write_text("\n".join(map(json.dumps, [*lines, good])), encoding="utf-8")
    before = {path for path in tmp_path.rglob("*") if "data" not in path.parts}

    imported = kb(tmp_path / "data", "import", str(file))
    exported = kb(tmp_path / "data", "export", str(tmp_path / "deep" / "out"))

    assert imported.stdout.startswith("1 created"), imported
    assert exported.returncode == 0, exported
    made = set(tmp_path.rglob("*.md"))
    assert [path.name for path in made] == ["good.md"]
    assert all(path.is_relative_to(tmp_path / "deep" / "out") for path in made)
    assert {path for path in before if path.exists()} == before
