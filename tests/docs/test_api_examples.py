"""The commands of docs/api.md do what it says, in its order, on a server that has just started."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers import PATIENCE, Server, environment

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"

# `# 201: slug, revision=1` has an object of these members; `# 200 +++` a text that begins so.
EXPECTED = re.compile(r"^# (?P<status>\d{3})(?:: (?P<members>.*)| (?P<text>.*))?\n", re.MULTILINE)

# Its answer's status goes to standard error, so that what a command prints can be read on.
SETUP = """curl() { command curl "$@" --write-out '%{stderr}%{http_code}'; }
"""

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed"),
]


@dataclass(frozen=True)
class Step:
    """A command, and what the document says of its answer."""

    commands: str
    status: str
    members: str | None
    text: str | None


def steps() -> Iterator[Step]:
    """Yield the commands of the document's blocks, each with the line below it."""
    blocks = re.findall(
        r"^```sh\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    start = 0
    script = "".join(blocks)
    for found in EXPECTED.finditer(script):
        yield Step(script[start : found.start()], *found.group("status", "members", "text"))
        start = found.end()
    assert "curl" not in script[start:], "the last command's answer is not told"


STEPS = [*steps()]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what each command printed: out.N, and the status in err.N."""
    work = tmp_path_factory.mktemp("examples")
    data = work / "data"
    ours = {".venv/bin/kb": f"{sys.executable} -m kb"}
    with Server(data) as server:
        ours["http://127.0.0.1:8000"] = server.base
        script = SETUP
        for number, step in enumerate(STEPS):
            script += f"{{ {step.commands}\n}} >out.{number} 2>err.{number}\n"
        for named, real in ours.items():
            assert named in script
            script = script.replace(named, real)
        run = ["bash", "-c", script]
        subprocess.run(run, cwd=work, env=environment(data), timeout=3 * PATIENCE, check=True)
    return work


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_command_is_answered_as_the_document_says(answers: Path, number: int) -> None:
    step = STEPS[number]
    printed = (answers / f"out.{number}").read_text(encoding="utf-8")
    assert (answers / f"err.{number}").read_text()[-3:] == step.status, step.commands + printed
    if step.members is not None:
        assert_members(json.loads(printed), step.members)
    else:
        assert printed.startswith(step.text or "")


def assert_members(body: dict[str, Any], expected: str) -> None:
    """Check that the body has those members, and where it says so, of that value."""
    for member in expected.split(", "):
        name, _, value = member.partition("=")
        assert name in body, body
        if value:
            assert body[name] == json.loads(value), body


def test_each_command_stands_above_one_answer() -> None:
    for step in STEPS:
        assert len(re.findall("^curl ", step.commands, re.MULTILINE)) == 1, step.commands
