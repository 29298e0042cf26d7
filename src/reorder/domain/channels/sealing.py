"""Secrets of other systems, encrypted with the signing key of the installation, which no backup holds."""

from cryptography.fernet import InvalidToken

from reorder.domain.channels.errors import SecretUnreadable
from reorder.domain.storage.sealing import sealing_box

_PURPOSE = b"reorder webhook secret "


def seal(*, secret: str) -> str:
    """The secret as it may stand in the database."""
    return sealing_box(purpose=_PURPOSE).encrypt(secret.encode()).decode()


def unseal(*, sealed: str) -> str:
    """The secret again; raises SecretUnreadable when another key sealed it."""
    try:
        return sealing_box(purpose=_PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None
