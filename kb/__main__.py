"""`python -m kb` is the same as the `kb` console script."""

from kb.cli import app

if __name__ == "__main__":
    app()
