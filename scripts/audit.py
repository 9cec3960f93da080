"""Ask the vulnerability databases about what kb and its tools install.

Exits with 1 where a vulnerability is known. Where a database cannot be reached, or does not know
what it is asked about, that is said, and nothing fails: it would say nothing about kb.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ("run", "dev", "meaning", "whoosh3")
SECONDS = 60


def main() -> None:
    """Audit the Python and the npm dependencies; print what is known of them."""
    faults = [fault for name in CONSTRAINTS for fault in python_faults(name)] + npm_faults()
    for fault in sorted(set(faults)):
        typer.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def python_faults(name: str) -> list[str]:
    """Return what is known to be wrong with the packages of one file of constraints."""
    file = f"constraints/{name}.txt"
    command = [sys.executable, "-m", "pip_audit", "--requirement", file, "--require-hashes"]
    answer = answer_of([*command, "--disable-pip", "--format", "json", "--progress-spinner", "off"])
    packages = answer.get("dependencies", [])
    known = [one for one in packages if "vulns" in one]
    if len(known) < len(packages) or not packages:
        typer.echo(
            f"{file}: {len(packages) - len(known)} of {len(packages)} packages NOT audited, "
            "as the database could not be reached or does not know them"
        )
    else:
        typer.echo(f"{file}: {len(known)} packages audited")
    return [
        f"{one['name']} {one['version']}: {fault['id']}, fixed in {fault['fix_versions'] or '-'}"
        for one in known
        for fault in one["vulns"]
    ]


def npm_faults() -> list[str]:
    """Return what is known to be wrong with the tools of tools/package-lock.json."""
    npm = shutil.which("npm")
    answer = answer_of([npm, "--prefix", "tools", "audit", "--json"]) if npm else {}
    if "vulnerabilities" not in answer:
        typer.echo("tools/package-lock.json: NOT audited, as npm or its registry did not answer")
        return []
    typer.echo("tools/package-lock.json: audited")
    found = answer["vulnerabilities"]
    return [f"npm {name}: {one['severity']}" for name, one in found.items()]


def answer_of(command: list[str]) -> dict[str, Any]:
    """Return what the command prints as JSON; nothing where it did not get that far."""
    try:
        ended = subprocess.run(  # noqa: S603 (commands of ours)
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return json.loads(ended.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return {}


if __name__ == "__main__":
    main()
