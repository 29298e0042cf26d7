"""Secrets of other systems, encrypted with the signing key of the installation, which no backup holds."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from reorder.domain.channels.errors import SecretUnreadable


def seal(*, secret: str) -> str:
    """The secret as it may stand in the database."""
    return _box().encrypt(secret.encode()).decode()


def unseal(*, sealed: str) -> str:
    """The secret again; raises SecretUnreadable when another key sealed it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def _box() -> Fernet:
    digest = hashlib.sha256(b"reorder webhook secret " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
