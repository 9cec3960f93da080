"""Passwords: which ones are good, and how they are kept (docs/decisions/0012-passwords.md).

Hashing takes 64 MB and all of a core's attention on purpose: `hashed` and `matches` belong into a
worker process.
"""

import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.errors import FieldError, Invalid

MIN_PASSWORD = 15
"""Characters, where the password is all that is asked for (NIST SP 800-63B-4, 3.1.1.2)."""

MAX_PASSWORD = 1000
"""Characters; far over what anybody types, and still hashed in the same time."""

_MIN_DIFFERENT = 5

# RFC 9106, 4: the second recommended option, for where memory is scarce.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def require_good(password: str, name: str) -> None:
    """Do nothing where the password is fit to be kept for the person of that name.

    Length is what counts; no rule asks for digits or signs (NIST SP 800-63B-4, 3.1.1.2).

    Raises:
        Invalid: it is too short, too long, or easily guessed.
    """
    message = _fault(_normal(password), name)
    if message:
        raise Invalid(f"password {message}.", (FieldError("password", message),))


def _fault(password: str, name: str) -> str:
    if len(password) < MIN_PASSWORD:
        return f"must be at least {MIN_PASSWORD} characters long: a few words are easy to remember"
    if len(password) > MAX_PASSWORD:
        return f"may have at most {MAX_PASSWORD} characters"
    rest = password.lower().replace(name, "").replace("password", "")
    if len(set(rest)) < _MIN_DIFFERENT or _is_a_run(rest):
        return "is too easy to guess: choose a few words that do not belong together"
    return ""


def _is_a_run(text: str) -> bool:
    """Say whether each character follows the one before: 1234…, abcd…."""
    steps = {ord(right) - ord(left) for left, right in pairwise(text)}
    return len(steps - {-9, 9}) <= 1  # from 9 on to 0, and back


def _normal(password: str) -> str:
    """Return the password as every keyboard types it (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return what is stored in place of the password: an Argon2id hash with its own salt."""
    return _HASHER.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Say whether this is the password that was stored.

    Where none was, as much time passes as if there were one: how long an answer takes must not
    tell who has an account.
    """
    password = _normal(password)
    if len(password) > MAX_PASSWORD:
        return False
    if stored is None:
        hashed(password)
        return False
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
