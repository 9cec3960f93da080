"""Write the description of the API anew that the tests compare it with: `make openapi`."""

import json
from pathlib import Path

from kb.app import create_app
from kb.settings import Settings

SNAPSHOT = Path(__file__).parents[1] / "tests" / "docs" / "openapi.json"


def text() -> str:
    """Return the description as the file has it."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(text(), encoding="utf-8")
