"""`kb settings`: what can be set, and what is."""

import typer

from kb.cli.running import load_settings


def settings() -> None:
    """List the settings: each one's value, where that comes from, and what it means."""
    from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

    from kb.settings import Settings

    current = load_settings()
    in_environment = EnvSettingsSource(Settings)()
    in_file = DotEnvSettingsSource(Settings)()
    for name, field in Settings.model_fields.items():
        value = getattr(current, name)
        origin = "default"
        if name in in_environment:
            origin = "environment"
        elif name in in_file:
            origin = ".env"
        shown = "(not set)" if value is None else value
        typer.echo(f"KB_{name.upper()} = {shown}  [{origin}]\n    {field.description}")
