"""From where somebody signed in, in the few words in which they know it again (pure)."""

from dataclasses import dataclass, field

MAX_DEVICE = 60

# In this order: each browser also names those it descends from.
_BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chromium/": "Chromium",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class Device:
    """A browser or a program, and the address that its requests come from."""

    name: str
    address: str
    session: str = field(default="", repr=False)
    """The secret of the browser session that it had until now, which a new one replaces."""


def device_of(user_agent: str, address: str, session: str = "") -> Device:
    """Return the device: `Firefox on Linux`, or what else the User-Agent header begins with."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return Device(f"{browser} on {system}", address, session)
    program = "".join(filter(str.isprintable, user_agent.partition(" ")[0]))
    return Device(program[:MAX_DEVICE] or "an unknown device", address, session)


def _first(names: dict[str, str], text: str) -> str | None:
    return next((name for sign, name in names.items() if sign in text), None)
