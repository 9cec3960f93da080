"""The `kb` command: one module a group of commands, each thin.

What is heavy to import waits until the command that needs it runs, so that help comes at once.
"""

import typer

from kb.cli import auditing, entries, index, people, searching, serving, settings, setup, tokens
from kb.cli.running import PlainErrors

app = typer.Typer(
    cls=PlainErrors,
    help="kb: a searchable knowledge base of gotchas for software teams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serving.serve)
app.command("import")(entries.import_)
app.command("export")(entries.export)
app.command("search")(searching.search)
app.command("reindex")(index.reindex)
app.command("check")(index.check)
app.command("migrate")(setup.migrate)
app.command("settings")(settings.settings)
app.command("audit")(auditing.audit)
app.add_typer(people.users, name="user")
app.add_typer(tokens.tokens, name="token")
