"""Secrets handed out once and stored as hashes (pure).

They are 256 random bits, so a plain hash is enough: there is nothing to guess, and nothing that a
slow password hash would protect.
"""

import hashlib
import secrets

TOKEN_PREFIX = "kb_"  # noqa: S105 (what API tokens begin with, not a secret)


def new_secret(prefix: str = "") -> str:
    """Return a fresh, URL-safe secret."""
    return prefix + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return what is stored in place of the secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
