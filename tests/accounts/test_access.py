"""Every route, asked by everybody, answers as the table of docs/access.md has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from kb.accounts.policy import Role
from kb.errors import NotAllowed, NotSignedIn
from kb.runtime import Runtime
from kb.settings import AnonymousAccess
from tests.access import Row, table
from tests.accounts.conftest import add, signed_in
from tests.conftest import client_of, token_for
from tests.factories import create_entry, make_values
from tests.web.pages import FORM

OPENNESS = list(AnonymousAccess)
ENTRY = "title=A+title+long+enough&tags=a&problem=Something"
FORMS = {
    "POST /entries": ENTRY,
    "POST /entries/{slug}/archive": "reason=Old",
    "POST /entries/{slug}/unarchive": "",
    "POST /entries/{slug}/vote": "value=1",
    "POST /entries/{slug}/reports": "holds=yes&version=1",
    "POST /entries/{slug}/revisions": f"base=1&{ENTRY}",
    "POST /entries/{slug}/revisions/{number}/restore": "",
    "POST /review/{number}/accept": "",
    "POST /review/{number}/reject": "",
    "POST /review/{number}/withdraw": "",
    "POST /review/{number}/edit": f"base=1&{ENTRY}",
    "POST /sign-in": "name=nobody&password=nothing",
    "POST /sign-out": "",
    "POST /join": "token=none&name=ann&password=none",
    "POST /account/password": "password=short",
    "POST /account/sessions/{number}/end": "",
    "POST /account/sessions/end-others": "",
    "POST /account/tokens": "name=a&role=member&days=1",
    "POST /account/tokens/{number}/revoke": "",
    "POST /account/invitations": "role=member",
    "POST /account/invitations/{number}/revoke": "",
}
BODIES: dict[str, dict[str, object]] = {
    "POST /api/v1/entries": make_values(title="Another title, long enough"),
    "POST /api/v1/entries/{slug}/archive": {"reason": "Old"},
    "POST /api/v1/entries/{slug}/unarchive": {},
    "POST /api/v1/entries/{slug}/votes": {"value": 1},
    "POST /api/v1/entries/{slug}/reports": {"holds": True, "version": "1"},
    "POST /api/v1/entries/{slug}/revisions": {"base": 1, "why": "Because."},
    "POST /api/v1/entries/{slug}/revisions/{number}/restore": {},
    "POST /api/v1/suggestions/{number}/accept": {},
    "POST /api/v1/suggestions/{number}/reject": {},
    "POST /api/v1/suggestions/{number}/withdraw": {},
}
LINES = {"POST /api/v1/import": b""}
NDJSON = {"content-type": "application/x-ndjson"}


@dataclass(frozen=True)
class Caller:
    """Who asks, and what anybody may do meanwhile."""

    role: Role
    anyone: AnonymousAccess
    token: bool = False

    def __str__(self) -> str:
        return f"{self.role.label}{' by token' * self.token}, {self.anyone}"


CALLERS = [
    *(Caller(Role.ANONYMOUS, anyone) for anyone in AnonymousAccess),
    *(
        Caller(role, AnonymousAccess.NONE, token)
        for role in (Role.MEMBER, Role.MAINTAINER, Role.OWNER)
        for token in (False, True)
    ),
    Caller(Role.MEMBER, AnonymousAccess.EDIT),
]


def may(caller: Caller, row: Row) -> bool:
    """Say whether the table lets the caller use the route."""
    if row.visitors == "always":
        return True
    if row.visitors not in {"never", "author"} and OPENNESS.index(caller.anyone) >= OPENNESS.index(
        AnonymousAccess(row.visitors)
    ):
        return True
    if row.people == "author":
        return False
    return caller.role >= Role.named(row.people) and (row.tokens == "yes" or not caller.token)


@asynccontextmanager
async def calling(app: FastAPI, runtime: Runtime, caller: Caller) -> AsyncIterator[AsyncClient]:
    """Give a client of the caller's; where it signs in, under a session of its own."""
    headers, cookie = {}, ""
    if caller.role is not Role.ANONYMOUS:
        await add(runtime, "caller", caller.role)
        if caller.token:
            token = await token_for(runtime, "caller", caller.role)
            headers = {"authorization": f"Bearer {token}"}
        else:
            cookie = await signed_in(runtime, "caller")
    settings = runtime.settings.model_copy(update={"anonymous": caller.anyone})
    app.state.runtime = replace(runtime, settings=settings)
    async with client_of(app, **headers) as client:
        if cookie:
            client.cookies.set("kb_session", cookie)
        yield client


async def ask(client: AsyncClient, route: str, slug: str) -> Response:
    """Use the route, about an entry and a suggestion that are there."""
    method, path = route.split()
    # Of what concerns accounts, nothing has that number, so that nobody ends what is still needed.
    number = "999" if path.startswith("/account") else "1"
    for name, value in {"slug": slug, "number": number, "a": "1", "b": "1", "tag": "a"}.items():
        path = path.replace(f"{{{name}}}", value)
    if method == "GET":
        return await client.get(path)
    if route in FORMS:
        return await client.request(method, path, content=FORMS[route], headers=FORM)
    if route in LINES:
        return await client.request(method, path, content=LINES[route], headers=NDJSON)
    return await client.request(method, path, json=BODIES[route])


def refused(answer: Response) -> bool:
    """Say whether it was the policy that refused, and not, say, a wrong password."""
    return answer.status_code in {401, 403} and any(
        kind.title in answer.text for kind in (NotSignedIn, NotAllowed)
    )


@pytest.mark.parametrize("caller", CALLERS, ids=str)
async def test_each_route_lets_in_whom_the_table_lets_in(
    app: FastAPI,
    runtime: Runtime,
    maintainer: AsyncClient,
    client: AsyncClient,
    caller: Caller,
) -> None:
    slug = (await create_entry(maintainer))["slug"]
    suggested = await client.post(
        f"/api/v1/entries/{slug}/revisions", json={"base": 1, "why": "Mine."}
    )
    assert suggested.status_code == 202
    # Signing out and archiving come last, for their effects.
    last = ("/sign-out", "/accept", "/reject", "/archive", "/unarchive")
    rows = sorted(table(), key=lambda row: row.route.endswith(last))
    let_in = {}
    async with calling(app, runtime, caller) as asking:
        for row in sorted(rows, key=lambda row: row.route.endswith("/sign-out")):
            let_in[row.route] = not refused(await ask(asking, row.route, slug))
    expected = {row.route: may(caller, row) for row in rows}
    assert let_in == expected
