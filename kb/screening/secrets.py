"""Text that looks like a secret: keys, tokens, passwords in addresses, names of private hosts.

The formats are those of detect-secrets, without its guesses from names and entropy, which hold
every tenth entry with an example in it; what it does not know is below. Nothing is verified:
that would send what was found to somebody else's server (docs/decisions/0014-screening.md).
"""

import ipaddress
import re
from collections.abc import Iterator

from kb.screening.findings import Finding, Kind

WINDOW = 2_000
"""Characters that are looked at together: some expressions take quadratic time."""
OVERLAP = 300
"""Characters that two windows share, so that no secret is cut in two; most are shorter."""

MIN_GROUP = 20
"""Characters from which on a group of an expression is the secret, and not its prefix."""

SHOWN = 4
"""Characters of a secret that a reason repeats: the beginning, which names its format."""

_TOKENS = {
    "API token of kb": re.compile(r"\bkb_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
    "Anthropic API key": re.compile(r"\bsk-ant-[A-Za-z0-9_-]{20,200}"),
    "OpenAI API key": re.compile(r"(?<![A-Za-z0-9])sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40,200}"),
    "Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "GitHub token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    "npm token": re.compile(
        r"\bnpm_[A-Za-z0-9]{36}\b|/:_authToken=\s{0,9}[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}"
    ),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{34}\b"),
    "JSON Web Token": re.compile(
        r"\beyJ[\w-]{10,500}\.eyJ[\w-]{10,2000}\.[\w-]{20,1000}", re.ASCII
    ),
    "bearer token": re.compile(r"(?i)\bauthorization: *bearer +[A-Za-z0-9._~+/-]{24,500}=*"),
}
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----\s{1,10}+"
    r"(?:[\w-]{1,30}+: [^\n]{1,200}+\n\s{0,3}+){0,5}+"
    r"([A-Za-z0-9+/=\s]{60,200})"
)
_USERINFO = re.compile(
    r"://([^\s/:@'\"<>]{1,100}):([^\s/@'\"<>]{1,200})@([^\s/:?#'\"<>)\]`]{1,255})"
)

# What documentation uses in place of a secret.
_PLACEHOLDER = re.compile(
    r"(?i)example|sample|dummy|fake|placeholder|your|change[-_]?me|redacted|secret|passw(?:or)?d|"
    r"token|x{4}|\.{3}|…|\*{3}|<|\$|\{|%[a-z(]|1234|abcd|eyJzdWIiOiIxMjM0NTY3ODkwIi"
)
_COMMON = frozenset(
    {"admin", "app", "bar", "baz", "dev", "foo", "guest", "hunter2", "key", "me", "myuser", "p"}
    | {"pass", "postgres", "pw", "pwd", "root", "s", "s3cr3t", "s3cret", "test", "u", "user", "x"}
)
MIN_DISTINCT = 8
"""Different characters that a token has at least: those made up by hand repeat themselves."""

_HOST = re.compile(
    r"(?i)(?<![\w.@-])((?:[a-z0-9-]{1,63}\.){1,8}(?:internal|intranet|corp|lan|home\.arpa))(?![\w-]|\.\w)"
)
_WELL_KNOWN = re.compile(
    r"(?i)^(?:host|gateway|kubernetes|vm)\.docker\.internal$|^metadata\.google\.internal$|"
    r"^host\.(?:containers|lima)\.internal$|^(?:[\w-]+\.)*(?:example|my-?company|acme|foo|your-?\w+)\."
)
_ADDRESS = re.compile(r"(?<![\w.-])(\d{1,3}(?:\.\d{1,3}){3})(?![\w-]|\.\d|/\d)")
_DOCUMENTED = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "255.255.255.255/32"),
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # RFC 5737
        # What routers, containers and virtual machines have out of the box.
        *("192.168.0.0/23", "192.168.99.0/24", "172.17.0.0/16", "172.18.0.0/16"),
        *("10.0.0.0/22", "10.1.1.0/24", "10.244.0.0/16", "10.96.0.0/12"),
    )
)


def secrets_in(field: str, text: str) -> Iterator[Finding]:
    """Yield what looks like a secret in the text of a field."""
    for label, match in _tokens(text):
        if not _is_placeholder(match):
            what = f"holds what looks like a secret ({label}, {match[:SHOWN]}…)"
            message = f"{what}; remove it, and revoke it"
            yield Finding(Kind.SECRET, field, message, match)
    for found in _PRIVATE_KEY.finditer(text):
        if not _is_placeholder(found[1]):
            message = "holds a private key; remove it, and use it no more"
            yield Finding(Kind.SECRET, field, message, found[1])
    for name, password, host in _USERINFO.findall(text):
        if not _is_example(name, password, host):
            message = f"has a password in the address of {host[:60]}; remove it, and change it"
            yield Finding(Kind.SECRET, field, message, password)
    for host in _private_hosts(text):
        message = f"names a private host ({host[:60]}); write example.com in its place"
        yield Finding(Kind.SECRET, field, message, host)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for label, pattern in _TOKENS.items():
        yield from ((label, match[0]) for match in pattern.finditer(text))
    for piece in _windows(text):
        from kb.screening.detectors import DETECTORS  # noqa: PLC0415 (workers alone need it)

        for detector in DETECTORS:
            for pattern in detector.denylist:
                yield from ((detector.secret_type, _secret(one)) for one in pattern.finditer(piece))


def _secret(found: re.Match[str]) -> str:
    """Return the part that is the secret: a long group of the expression, or else all of it."""
    return max(
        (one for one in found.groups("") if len(one) >= MIN_GROUP), key=len, default=found[0]
    )


def _windows(text: str) -> Iterator[str]:
    for start in range(0, max(len(text) - OVERLAP, 1), WINDOW - OVERLAP):
        yield text[start : start + WINDOW]


def _is_placeholder(secret: str) -> bool:
    body = re.sub(r"(?i)^authorization: *bearer +", "", secret)
    return bool(_PLACEHOLDER.search(body)) or len(set(body)) < MIN_DISTINCT


def _is_example(name: str, password: str, host: str) -> bool:
    """Say whether the userinfo of an address is one that documentation makes up."""
    return (
        "." not in host  # localhost, or a service beside it
        or bool(re.search(r"(?i)(?:^|\.)(?:example(?:\.\w+)?|test|invalid|local|localhost)$", host))
        or host.startswith("127.")
        or password.lower() in {name.lower(), *_COMMON}
        or bool(_PLACEHOLDER.search(password))
    )


def _private_hosts(text: str) -> Iterator[str]:
    for found in _HOST.finditer(text):
        if not _WELL_KNOWN.search(found[1]):
            yield found[1]
    for found in _ADDRESS.finditer(text):
        try:
            address = ipaddress.IPv4Address(found[1])
        except ValueError:
            continue
        if address.is_private and not any(address in network for network in _DOCUMENTED):
            yield found[1]
