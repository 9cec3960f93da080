"""Texts that are small and cost much: each a beginning that is repeated, by what it is aimed at."""

MARKDOWN = {
    "quotes": "> ",
    "quotes in lists": "> - ",
    "lists": "- ",
    "numbers": "1. ",
    "emphasis": "*a _b ",
    "stars": "*",
    "underscores": "_a",
    "strong": "**a ",
    "strikes": "~~a ",
    "brackets": "[",
    "closing brackets": "[a](",
    "images": "![",
    "links": "[a](<b",
    "references": "[a]: b\n",
    "used references": "[a][b] ",
    "backticks": "`a``b```c",
    "fences": "```\n",
    "tildes": "~~~a\n",
    "entities": "&#x41;",
    "broken entities": "&a",
    "tags": "<a ",
    "comments": "<!--",
    "autolinks": "<https://a",
    "addresses": "https://a.b/?",
    "escapes": "\\",
    "tables": "|a",
    "rows": "|a|\n|-|\n",
    "rules": "a\n-\n",
    "headings": "# a\n",
    "breaks": "a  \n",
    "spaces": " ",
    "tabs": "\ta\n",
    "lines": "a\n\n",
    "direction": "\u202ea",
    "hidden code": "`\u200b` ",
}
"""What makes Markdown slow to lay out."""

SCREENED = {
    "keys": "-----BEGIN PRIVATE KEY-----\nAuth: ",
    "headers of keys": "-----BEGIN PRIVATE KEY-----\n" + "a: b\n" * 6,
    "tokens": "sk-",
    "web tokens": "eyJaaaaaaaaaaaa.",
    "hosts": "aaaa.",
    "numbers of hosts": "10.10.",
    "passwords": "://a:",
    "bearers": "authorization: bearer ",
    "orders": "ignore all the of ",
    "data sent": "send your api key to ",
    "invisible letters": "\U000e0041\U000e0042a",
    "words": "the quick brown fox, ",
}
"""What makes the search for secrets, and for orders to an agent, slow."""

OPENED = {
    "python": ("```python\n", "f'{"),
    "csharp": ("```csharp\n", "a\n"),
    "perl": ("```perl\n", "$a=~s{"),
    "html": ("```html\n", "<a b='"),
    "css": ("```css\n", "a{b:"),
    "bash": ("```bash\n", "$((`"),
    "a heading": ("## a", " \t"),
    "a fence": ("```", "\ta "),
    "a table": ("|a|b|\n|-|-|\n", "|a|b|\n"),
    "a token": ("eyJaaaaaaaaaaaa.eyJaaaaaaaaaa.", "eyJ-"),
    "a cloud's key": ("aws", "key'aws"),
}
"""What makes one thing slow: how it begins, and what goes on."""

QUERIES = ("(", '"', "a OR ", "-", "*", "tag:", "a" * 50 + " ", "\u0301", ".", "asyncio ")
"""What makes searching slow."""


def texts(size: int) -> dict[str, str]:
    """Return every text, of so many characters and an end, by its name."""
    closed = {name: ("", seed) for name, seed in (MARKDOWN | SCREENED).items()}
    return {name: grown(seed, size, opening) for name, (opening, seed) in (closed | OPENED).items()}


def grown(seed: str, size: int, opening: str = "") -> str:
    """Return the opening and the seed, again and again: so many characters, and an end."""
    return f"{opening}{seed * (size // len(seed) + 1)}"[:size] + " end"
