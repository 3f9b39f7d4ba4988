"""Secrets that open something: shown once, kept as a hash, so that a stolen database opens nothing."""

import hashlib
import secrets

# 256 bits can't be guessed, so a plain hash is enough: there is nothing for a slow one to protect.
SECRET_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """A fresh URL-safe secret; a prefix makes it findable by scanners of leaked secrets."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is stored and looked up: SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
