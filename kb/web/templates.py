"""Templates: one Jinja2 environment, loaded whole before the first request."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from kb.content.code import show_invisible, show_reordering
from kb.content.snippets import beginning
from kb.entries.schemas import Category, EntryContent, EntrySummary, Severity
from kb.resources import folder
from kb.revisions.service import own_words
from kb.search.showing import Summary
from kb.web.assets import static_url, versions

# Around a mark of a search result, and never into one or out of one.
_CODE = re.compile(r"`((?:[^`<]|<mark>[^`<]*</mark>)+)`")

FIELD_LABELS = {name: name.replace("_", " ").capitalize() for name in EntryContent.model_fields}
"""What pages call the fields of an entry."""


def render(name: str, context: dict[str, Any]) -> str:
    """Return the template, rendered in one go with data that was loaded before."""
    return environment().get_template(name).render(context)


@cache
def environment() -> Environment:
    """Return the environment with every template compiled.

    Reads the templates the first time: to be called before the server answers.
    """
    made = Environment(
        autoescape=True,
        auto_reload=False,
        cache_size=-1,
        loader=FileSystemLoader(folder("templates")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {
        "badges": badges,
        "day": day,
        "exact": exact,
        "field_label": field_label,
        "gist": gist,
        "moment": moment,
        "number": number,
        "own_words": own_words,
        "plural": plural,
        "tags": tags,
        "visible": visible,
        "with_code": with_code,
    }
    made.globals |= {
        "Category": Category,
        "Severity": Severity,
        "labels": FIELD_LABELS,
        "static_url": static_url,
    }
    for name in made.list_templates(extensions=["html", "txt", "xml"]):
        made.get_template(name)
    version()
    return made


@cache
def version() -> str:
    """Return a hash of all templates: a page of another version is another page.

    Reads them the first time: to be called before the server answers.
    """
    digest = hashlib.sha256(repr(versions()).encode())
    top = folder("templates")
    for path in sorted(path for path in top.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# Lists show the same entries again and again.
@lru_cache(maxsize=4096)
def day(at: datetime | str) -> Markup:
    """Return the date as a `<time>`, for lists; of a time as such, or as JSON has it."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return _time(at, f"{at.astimezone(UTC):%-d %b %Y}")


def moment(at: datetime) -> Markup:
    """Return the date and time as a `<time>`, where the order of events matters."""
    return _time(at, f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC")


def exact(at: datetime) -> str:
    """Return the time as RFC 3339 has it, for programs."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(at: datetime, text: str) -> Markup:
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(exact(at), text)


def badges(entry: EntrySummary | EntryContent | Summary) -> Markup:
    """Return what kind of entry this is, as a list."""
    return _kept("badges", entry.severity, entry.category, entry.language, entry.framework)


def tags(values: list[str]) -> Markup:
    """Return the tags as a list of links."""
    return _kept("tags", *values)


# Lists show the same entries again and again, and macros are slow: of a page of results, these took
# a quarter.
@lru_cache(maxsize=2048)
def _kept(macro: str, *values: str | None) -> Markup:
    made: Markup = getattr(environment().get_template("_badges.html").module, macro)(*values)
    return made


def field_label(path: str) -> str:
    """Return what pages call the field with that path: of `gotchas.2`, `Gotchas 3`."""
    name, _, index = path.partition(".")
    label = FIELD_LABELS.get(name, name.capitalize())
    return f"{label} {int(index) + 1}" if index else label


def with_code(title: str) -> Markup:
    """Return a title, escaped unless it is Markup, what stands between backticks as `<code>`.

    Titles are plain text in the data, and most people who write a backtick mean this.
    """
    shown = show_reordering(str(escape(title)))
    return Markup(_CODE.sub(r"<code>\1</code>", shown))  # noqa: S704 (was escaped)


def visible(text: str) -> Markup:
    """Return the text, escaped, with what hides in it shown: who reviews a change has to see it."""
    return Markup(show_invisible(str(escape(text))))  # noqa: S704 (was escaped)


@lru_cache(maxsize=1000)
def gist(markdown: str) -> Markup:
    """Return the first words of a Markdown text, plain: as much as search engines show."""
    return Markup(beginning(markdown, 155))  # noqa: S704 (is escaped)


def number(value: int) -> str:
    """Return the number as people read it: 12,345."""
    return f"{value:,}"


def plural(value: int, one: str, many: str | None = None) -> str:
    """Return the number and its noun: 1 entry, 2 entries."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"
