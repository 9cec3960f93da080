"""Every page is valid HTML, says html-validate."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.servers import PATIENCE
from tests.walk import answers_to_forms, furnish, walk

TOOLS = Path(__file__).parents[2] / "tools"
VALIDATE = TOOLS / "node_modules" / ".bin" / "html-validate"


def faults(folder: Path) -> list[str]:
    """Return what html-validate finds in the folder's files, each fault once."""
    config = TOOLS / "html-validate.json"
    report = folder / "report.json"
    command = [str(VALIDATE), "--config", str(config), "--formatter", f"json={report}", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert report.exists(), run.stderr
    found: dict[tuple[str, str], str] = {}
    for file in json.loads(report.read_text()):
        for fault in file["messages"]:
            where = f"{Path(file['filePath']).name}:{fault['line']}"
            found.setdefault((fault["ruleId"], fault["message"]), where)
    return [f"{where} {rule}: {message}" for (rule, message), where in found.items()]


@pytest.mark.skipif(
    not VALIDATE.exists() or not shutil.which("node"),
    reason="html-validate is not installed (make tools)",
)
async def test_every_page_is_valid(
    client: AsyncClient, owner: AsyncClient, maintainer: AsyncClient, tmp_path: Path
) -> None:
    slug = await furnish(maintainer, client)
    pages = {f"visitor {address}": html for address, html in (await walk(client, slug)).items()}
    pages |= {f"owner {address}": html for address, html in (await walk(owner, slug)).items()}
    pages |= await answers_to_forms(owner, maintainer, slug)
    for number, (name, html) in enumerate(pages.items()):
        label = "".join(letter if letter.isalnum() else "-" for letter in name)[:80]
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / f"{number:03}-{label}.html").write_text(html)
    assert len(pages) > 40
    assert faults(tmp_path / "pages") == []
