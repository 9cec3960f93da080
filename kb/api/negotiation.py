"""Which of two forms of an entry a caller wants: JSON, or its Markdown file (pure)."""

import re

JSON = "application/json"
MARKDOWN = "text/markdown"

# RFC 9110, section 12.4.2: 0 to 1 with up to three digits.
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def prefers_markdown(accept: str | None) -> bool:
    """Say whether the Accept header puts Markdown before JSON.

    Where it wants neither, or both alike, it is JSON: an answer that was not asked for is more
    use than none (RFC 9110, section 12.4.1).
    """
    if accept is None:
        return False
    ranges = dict(filter(None, map(_range, accept.split(","))))
    return _weight(MARKDOWN, ranges) > _weight(JSON, ranges)


def _range(text: str) -> tuple[str, float] | None:
    """Return a media range and its weight; None where the weight cannot be read."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [one for one in parameters if one.startswith("q=")]
    if not weights:
        return name, 1.0
    found = _WEIGHT.fullmatch(weights[0])
    return (name, float(found[1])) if found else None


def _weight(media_type: str, ranges: dict[str, float]) -> float:
    """Return how much a type is wanted: the most specific range decides (section 12.5.1)."""
    kind = media_type.partition("/")[0]
    for name in (media_type, f"{kind}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
