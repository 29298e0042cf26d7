"""Texts encrypted with the signing key of the installation, which no backup holds; a key for each purpose."""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def sealing_box(*, purpose: bytes) -> Fernet:
    """What seals and opens texts of one purpose; another key raises cryptography's InvalidToken."""
    digest = hashlib.sha256(purpose + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class SealBroken(Exception):
    """Sealed with another key."""


def seal_texts(*, purpose: bytes, texts: Mapping[str, str]) -> str:
    """Several named secrets as one text that may stand in the database; empty for none."""
    return sealing_box(purpose=purpose).encrypt(json.dumps(dict(texts)).encode()).decode() if texts else ""


def unseal_texts(*, purpose: bytes, sealed: str) -> dict[str, str]:
    """The secrets again. Raises SealBroken when another key sealed them."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(sealing_box(purpose=purpose).decrypt(sealed.encode()))
    except InvalidToken:
        raise SealBroken from None
    return opened
