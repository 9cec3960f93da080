"""Passwords hashed with little work: in full, one takes a tenth of a second of a core.

A hash carries its parameters, so whoever checks one does as much work as was put into it.
"""

from argon2 import PasswordHasher

from kb.accounts import passwords

_LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hashed(password: str) -> str:
    """What is stored in place of the password."""
    return _LIGHT.hash(passwords._normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password that was stored; where none was, that is said at once."""
    return stored is not None and passwords.matches(password, stored)
