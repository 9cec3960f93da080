"""Score the main pages with Lighthouse: a server on the starter entries, in Debian's Chromium.

Run from the top of a checkout: python -m scripts.run_lighthouse. Prints a table of scores out of
100, and what cost points; exits 1 where a score is under the limit.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.browser.conftest import CHROMIUM, sandbox
from tests.servers import Server

LIMIT = 98
LIGHTHOUSE = Path(__file__).parents[1] / "tools" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
ENTRY = "/entries/fastapi-async-endpoints-must-not-block-the-event-loop-with-synchronous-io"
PAGES = {
    "browse": "/",
    "search": "/?q=blocks+the+event+loop",
    "entry": ENTRY,
    "form": f"{ENTRY}/revise",
}


def report_on(address: str, folder: Path) -> dict[str, Any]:
    """Return Lighthouse's report on the page."""
    report = folder / "report.json"
    command = [
        str(LIGHTHOUSE),
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(['--headless', *sandbox()])}",
    ]
    environment = os.environ | {"CHROME_PATH": CHROMIUM or ""}
    subprocess.run(command, env=environment, check=True, timeout=300)  # noqa: S603 (ours)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def faults_in(report: dict[str, Any]) -> list[str]:
    """Return the audits that cost points, with their values."""
    audits, found = report["audits"], []
    for category in report["categories"].values():
        for one in category["auditRefs"]:
            audit = audits[one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                found.append(f"{audit['title']} {audit.get('displayValue', '')}".strip())
    return found


def measure(base: str, folder: Path) -> bool:
    """Print each page's scores; return whether all are good enough."""
    table, faults, good = Table("page", *CATEGORIES, "layout shift"), [], True
    for page, path in PAGES.items():
        report = report_on(base + path, folder)
        scores = [round(100 * (report["categories"][one]["score"] or 0)) for one in CATEGORIES]
        shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
        table.add_row(page, *map(str, scores), f"{shift:.3f}")
        faults += [f"{page}: {fault}" for fault in faults_in(report)]
        good = good and min(scores) >= LIMIT
    console = Console()
    console.print(table)
    for fault in faults:
        console.print(fault, highlight=False)
    return good


def main() -> None:
    """Serve on a temporary data folder while the pages are measured."""
    if CHROMIUM is None or not LIGHTHOUSE.exists():
        sys.exit("This needs Chromium and npm's tools: make browser tools")
    folder = Path(tempfile.mkdtemp())
    try:
        with Server(folder / "data") as server:
            good = measure(server.base, folder)
    finally:
        shutil.rmtree(folder)
    sys.exit(not good)


if __name__ == "__main__":
    main()
