"""Pages as tests see them: their text, their links, and their forms, to be filled in and sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from httpx2 import AsyncClient, Response

FORM = {"content-type": "application/x-www-form-urlencoded"}
_VOID = frozenset({"input", "br", "hr", "meta", "link", "img"})
Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form: where it goes, and what it would send as it is."""

    action: str
    method: str
    fields: Fields = field(default_factory=list)

    def filled(self, **changes: str) -> Fields:
        """Return the fields with these values; for one of several of a name, the first."""
        rest = dict(changes)
        return [(name, rest.pop(name, value)) for name, value in self.fields] + list(rest.items())


class Page(HTMLParser):
    """A page, parsed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.forms: dict[str, Form] = {}
        self.headings: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._form: Form | None = None
        self._open: list[tuple[str, dict[str, str], str]] = []
        self._selected = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "form":
            self._form = Form(attributes["action"], attributes["method"])
            self.forms[attributes.get("id") or attributes["action"]] = self._form
        elif tag == "input" and "name" in attributes:
            if attributes.get("type") == "radio" and "checked" not in attributes:
                return
            self._add(attributes, attributes.get("value", ""))
        elif tag == "select":
            self._selected = ""
        elif tag == "option" and ("selected" in attributes or not self._selected):
            self._selected = attributes["value"]
        if tag not in _VOID:
            self._open.append((tag, attributes, ""))

    def handle_data(self, data: str) -> None:
        self.text += data
        self._open = [(tag, attributes, text + data) for tag, attributes, text in self._open]

    def handle_endtag(self, tag: str) -> None:
        opened, attributes, text = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"
        plain = " ".join(text.split())
        if tag == "a":
            self.links[plain] = attributes["href"]
        elif tag in {"h1", "h2", "h3"}:
            self.headings.append(plain)
        elif tag == "textarea":
            self._add(attributes, text.removeprefix("\n"))
        elif tag == "select":
            self._add(attributes, self._selected)
        elif tag == "form":
            self._form = None

    def _add(self, attributes: dict[str, str], value: str) -> None:
        form = self.forms.get(attributes["form"]) if "form" in attributes else self._form
        if form:
            form.fields.append((attributes["name"], value))

    @property
    def addresses(self) -> set[str]:
        """Where the page's links lead, also those that share a text."""
        return {attributes["href"] for tag, attributes in self.tags if tag == "a"}

    def by_id(self, name: str) -> dict[str, str]:
        """Return the attributes of the element with that id."""
        (found,) = [attributes for _, attributes in self.tags if attributes.get("id") == name]
        return found


async def get_page(client: AsyncClient, address: str, status: int = 200) -> Page:
    """Return the page at the address."""
    return parsed(await client.get(address), status)


async def send(client: AsyncClient, action: str, fields: Fields) -> Response:
    """Post a form as a browser does."""
    return await client.post(action, content=urlencode(fields), headers=FORM)


def parsed(answer: Response, status: int = 200) -> Page:
    """Return the page that was answered."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def sent_to(answer: Response) -> str:
    """Return where the answer to a form leads."""
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])
