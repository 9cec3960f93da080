"""The API answers as its description says, whatever it is sent, and never with a 5xx.

Schemathesis makes the requests from the description: examples, the borders of every rule, values
that break them, missing headers, methods that are not there, and calls that follow from others.
`make fuzz` makes many more of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import Server, kb

pytestmark = pytest.mark.chaos

HOOKS = Path(__file__).with_name("api_hooks.py")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,missing_required_header,"
    "unsupported_method,allow_header_conformance"
)
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
PHASES = os.environ.get("FUZZ_PHASES", "examples,fuzzing,stateful")
LONG = 3600
"""Seconds that `make fuzz` may take."""


@pytest.mark.parametrize("role", ["", "owner"])
def test_every_answer_is_as_described(role: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    unlimited = {"KB_WRITES_PER_HOUR": "0", "KB_SIGN_INS_PER_HOUR": "0"}
    with Server(data, **unlimited) as server:
        token = kb(data, "token", "create", "fuzz", "--role", role).stdout.strip() if role else ""
        headers = ["--header", f"Authorization: Bearer {token}"] if token else []
        command = [str(Path(sys.executable).with_name("st")), "run", f"{server.base}/openapi.json"]
        options = ["--checks", CHECKS, "--phases", PHASES, "--max-examples", EXAMPLES]
        steady = ["--generation-deterministic", "--no-shrink", "--no-color"]
        result = subprocess.run(
            [*command, *options, *steady, *headers, "--continue-on-failure", "--warnings", "off"],
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
