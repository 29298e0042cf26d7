"""Texts encrypted with the signing key of the installation, which no backup holds; a key for each purpose."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def sealing_box(*, purpose: bytes) -> Fernet:
    """What seals and opens texts of one purpose; another key raises cryptography's InvalidToken."""
    digest = hashlib.sha256(purpose + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
