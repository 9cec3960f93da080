"""Whom the limits count what is done under (pure)."""

import hashlib
import ipaddress
from dataclasses import dataclass

_NAMES = 1 << 20


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever is behind a request, by each name that must not be used too often.

    A visitor has two: the browser, and the network it is in, so that forgetting a cookie gains
    nothing. Nobody counts what has no name: the command line.
    """

    keys: tuple[str, ...] = ()
    local: bool = False
    """Whether this is somebody at the machine itself, who slows down nobody else by searching."""


COMMAND_LINE = Caller()


def by_address(address: str) -> str:
    """Return the name of the network of an IP address: an IPv6 caller has a /64 at hand."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "address:unknown"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if found.version == 6:  # noqa: PLR2004
        return f"address:{ipaddress.ip_network((int(found) >> 64 << 64, 64))}"
    return f"address:{found}"


def by_name(name: str) -> str:
    """Return one of a million names for that of an account.

    Kept for an hour, it must not give away what somebody has typed into the field of the name,
    which may be a password; two accounts that share one are no loss.
    """
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
    return f"name:{int.from_bytes(digest[:8]) % _NAMES}"


def is_loopback(address: str) -> bool:
    """Say whether the address is one of this machine's to itself."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
