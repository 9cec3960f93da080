"""The names that this server answers to (pure).

A page of another site can have its own name lead to this machine after it was loaded (DNS
rebinding): the browser then takes our answers for that site's own, and only the Host header tells.
An IP address cannot be made to lead elsewhere, so a request that names one is let in.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from kb.errors import BadRequest, MisdirectedRequest

# RFC 9110, section 7.2, less what no browser sends; names with _ are common in containers.
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]{1,253}))(?::[0-9]{1,5})?", re.IGNORECASE)

LOOPBACK = "localhost"
ANY = "*"


class Hosts:
    """Which hosts a request may be meant for."""

    def __init__(self, names: Iterable[str], public_url: str | None) -> None:
        """Answer to this machine's own names, to that of the public address, and to these.

        A name that begins with `*.` stands for all below it, a lone `*` for any.
        """
        public = urlsplit(public_url or "").hostname or ""
        self._names = {LOOPBACK, socket.gethostname().lower(), public, *map(str.lower, names)}
        self._names.discard("")

    def require_ours(self, given: list[str]) -> None:
        """Do nothing where a request with these Host headers is meant for us.

        One without any is: no browser sends it, and without a name there is nothing to go by.

        Raises:
            BadRequest: they are no host, or several.
            MisdirectedRequest: it is meant for another.
        """
        if not given:
            return
        found = _HOST.fullmatch(given[0])
        if len(given) > 1 or not found:
            raise BadRequest("The Host header names no host.")
        address, name = found[1], (found[2] or "").lower().rstrip(".")
        if not _is_address(address or name) and not self._has(name):
            raise MisdirectedRequest(
                f"This server does not know itself as {name or address}. If it is meant, set "
                f"`KB_ALLOWED_HOSTS={name}` where it runs, or `KB_PUBLIC_URL` to the address that "
                "people use, and start it again."
            )

    def _has(self, name: str) -> bool:
        above = [f"*.{name[at + 1 :]}" for at, sign in enumerate(name) if sign == "."]
        return not self._names.isdisjoint([name, ANY, *above])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
