"""People with accounts, and time that passes."""

from datetime import timedelta

import pytest

from kb import clock
from kb.accounts import people, signing_in
from kb.accounts.devices import Device
from kb.accounts.policy import Role
from kb.accounts.service import local_owner
from kb.runtime import Runtime
from kb.settings import AnonymousAccess

ANYONE = AnonymousAccess.SUGGEST
OWNER = local_owner(ANYONE)
DEVICE = Device("Firefox on Linux", "192.0.2.1")


def later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    """Let that much time pass, and stand still then."""
    then = clock.now() + passed
    monkeypatch.setattr(clock, "now", lambda: then)


async def add(runtime: Runtime, name: str, role: Role = Role.MEMBER) -> int:
    """Make an account; return its number."""
    async with runtime.database.write() as session:
        return (await people.add(session, OWNER, name, role)).id


async def link_for(runtime: Runtime, name: str) -> str:
    """Return the secret of a new sign-in link."""
    async with runtime.database.write() as session:
        return await people.link(session, OWNER, name)


async def signed_in(runtime: Runtime, name: str, replaces: str = "") -> str:
    """Sign somebody in with a link; return the secret of the session."""
    device = Device(DEVICE.name, DEVICE.address, replaces)
    return await signing_in.with_link(runtime.database, await link_for(runtime, name), device)
