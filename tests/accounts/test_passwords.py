"""How passwords are kept: hashed in full, which the other tests do without (tests.hashing)."""

import pytest

from kb.accounts.passwords import MAX_PASSWORD, hashed, matches
from kb.runtime import Runtime

GOOD = "four words and a horse"


async def test_a_worker_hashes_a_password_as_rfc_9106_recommends(runtime: Runtime) -> None:
    stored = await runtime.executor.cpu(hashed, GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await runtime.executor.cpu(matches, GOOD, stored)
    assert not await runtime.executor.cpu(matches, f"{GOOD} ", stored)


@pytest.mark.parametrize("stored", [None, "", "!", "$argon2id$v=19$m=65536,t=3,p=4$broken"])
def test_nothing_matches_what_is_no_hash(stored: str | None) -> None:
    assert not matches(GOOD, stored)


def test_what_is_longer_than_any_password_is_not_hashed() -> None:
    longest = "long enough " * 100
    stored = hashed(longest[:MAX_PASSWORD])
    assert matches(longest[:MAX_PASSWORD], stored)
    assert not matches(longest, hashed(longest))


def test_two_hashes_of_one_password_differ() -> None:
    assert hashed(GOOD) != hashed(GOOD)
