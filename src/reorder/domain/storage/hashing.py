"""Keyed hashes: who has the installation's key can tell whether a text is known, and nobody can read it back.

A plain hash of an e-mail address is guessed within minutes. The same hash is made in Python and in SQL (`HASH_SQL`), so
that a million staged rows are compared where they lie.
"""

import hashlib
from typing import Final

from django.conf import settings

# Hashes the text `{text}` under the parameter `pepper`; nested, so that nobody appends to a text without the key.
HASH_SQL: Final = (
    "encode(sha256(convert_to(%(pepper)s || encode(sha256(convert_to(%(pepper)s || {text}, 'UTF8')), 'hex'), 'UTF8')),"
    " 'hex')"
)


def pepper_of(*, purpose: str) -> str:
    """The key of one purpose, made from the signing key, which no backup holds."""
    return hashlib.sha256(f"reorder {purpose} {settings.SECRET_KEY}".encode()).hexdigest()


def keyed_hash(*, text: str, purpose: str) -> str:
    """64 hexadecimal characters, as `HASH_SQL` makes them."""
    pepper = pepper_of(purpose=purpose)
    inner = hashlib.sha256((pepper + text).encode()).hexdigest()
    return hashlib.sha256((pepper + inner).encode()).hexdigest()
