"""`kb settings`: what can be set, and what is."""

from typing import TYPE_CHECKING

import typer

from kb.cli.running import load_settings
from kb.errors import Invalid

if TYPE_CHECKING:
    from kb.settings import Settings


def settings() -> None:
    """List the settings: each one's value, where that comes from, and what it means.

    Where one cannot be used, that is said after them, and no value.
    """
    from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

    from kb.settings import Settings

    current, fault = None, None
    try:
        current = load_settings()
    except Invalid as error:
        fault = error
    in_environment = EnvSettingsSource(Settings)()
    in_file = DotEnvSettingsSource(Settings)()
    for name, field in Settings.model_fields.items():
        origin = "default"
        if name in in_environment:
            origin = "environment"
        elif name in in_file:
            origin = ".env"
        shown = f" = {_value(current, name)}" if current else ""
        typer.echo(f"KB_{name.upper()}{shown}  [{origin}]\n    {field.description}")
    if fault:
        raise fault


def _value(current: "Settings", name: str) -> object:
    value: object = getattr(current, name)
    return "(not set)" if value is None else value
