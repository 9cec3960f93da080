"""`python -m bench`. Worker processes import this file too, so it imports nothing by itself."""

if __name__ == "__main__":
    from bench.cli import app

    app(prog_name="python -m bench")
