"""The `kb` command, and `python -m kb`.

Each worker process runs the main module of the server again (`anyio.to_process`): what that would
import stays out of here, 6 MB and a tenth of a second each.
"""


def main() -> None:
    """Run the command."""
    from kb.cli import app  # noqa: PLC0415 (see above)

    app()


if __name__ == "__main__":
    main()
