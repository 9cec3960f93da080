"""Whether a caller takes gzip (pure)."""

import re
from functools import lru_cache

# RFC 9110, section 12.5.3: a coding, and its weight, which a 0 makes a refusal.
_GZIP = re.compile(rb"(?:x-)?gzip|\*", re.IGNORECASE)
_REFUSED = re.compile(rb"q\s*=\s*0(?:\.0{0,3})?", re.IGNORECASE)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Say whether who sends this Accept-Encoding can read gzip; without the header nobody does."""
    takes: dict[bytes, bool] = {}
    for part in accept_encoding.split(b","):
        name, *parameters = (one.strip() for one in part.split(b";"))
        if _GZIP.fullmatch(name):
            takes[name.lower()] = not any(map(_REFUSED.fullmatch, parameters))
    return takes.get(b"gzip", takes.get(b"x-gzip", takes.get(b"*", False)))
