"""Folders that travel with the code: templates, static files, starter entries."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Return the folder `name`: packed into an installed wheel, or at the top of a checkout."""
    packed = _PACKAGE / "_packed" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
