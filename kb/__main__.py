"""The `kb` command, and `python -m kb`."""

from kb.cli import app


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()
