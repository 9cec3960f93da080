"""`kb search`."""

import re
from html import unescape
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.running import base_url, catch_up, load_settings, require_knowledge_base, run

if TYPE_CHECKING:
    from rich.text import Text

    from kb.runtime import Runtime
    from kb.search.results import Search, SearchResult
    from kb.search.showing import FoundEntry
    from kb.settings import Settings

_MARK = re.compile(r"</?mark>")


def search(
    query: Annotated[str, typer.Argument(help="Words, or anything of the search language.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Entries to show.")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what the API's search gives.")
    ] = False,
) -> None:
    """Search from the terminal."""
    from kb.entries.selection import Selection
    from kb.search.results import Search

    settings = load_settings()
    require_knowledge_base(settings)
    wanted = Search(query, Selection(), limit=limit)
    result = run(settings, lambda runtime: _search(runtime, wanted))
    if as_json:
        _print_json(settings, result)
    else:
        _print_list(result)


async def _search(runtime: "Runtime", wanted: "Search") -> "SearchResult":
    from kb.accounts.service import local_owner

    await catch_up(runtime)
    actor = local_owner(runtime.settings.anonymous)
    result = await runtime.search.search(actor, wanted)
    if result.degraded:
        await runtime.indexer.rebuild()
        result = await runtime.search.search(actor, wanted)
    return result


def _print_json(settings: "Settings", result: "SearchResult") -> None:
    from pydantic_core import to_json

    from kb.api.search import answer_of

    answer = answer_of(result, lambda slug: f"{base_url(settings)}/entries/{slug}")
    typer.echo(to_json(answer, indent=2))


def _print_list(result: "SearchResult") -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for found in result.items:
        console.print(_card(found))
    match result.total:
        case 0:
            console.print("Nothing was found. Fewer or other words may find more.")
        case 1:
            console.print("1 entry found.")
        case total if total > len(result.items):
            console.print(f"{total} entries found; these are the first {len(result.items)}.")
        case total:
            console.print(f"{total} entries found.")


def _card(found: "FoundEntry") -> "Text":
    from rich.text import Text

    entry = found.entry
    facts = [entry.category, entry.severity, entry.language, entry.framework]
    card = _marked(found.title, base="bold")
    card.append(f"\n  {entry.slug}\n", style="cyan")
    card.append("  " + " · ".join(fact for fact in facts if fact) + "\n", style="dim")
    card.append("  ").append_text(_marked(found.snippet.html)).append("\n")
    return Text("").append_text(card)


def _marked(html: str, base: str = "") -> "Text":
    """Return escaped HTML with `<mark>`s as text with those parts reversed."""
    from rich.text import Text

    text = Text("")
    for number, part in enumerate(_MARK.split(html)):
        text.append(unescape(part), style="bold yellow" if number % 2 else base)
    return text
