"""Standard Webhooks signatures (https://www.standardwebhooks.com): HMAC-SHA256 over id.timestamp.body, in Base64.

Pure, ten lines of the standard library; checked against the specification's published example.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as dice
from collections.abc import Sequence
from typing import Final

from reorder.kernel.errors import BadInput

PREFIX: Final = "whsec_"
_BYTES: Final = 32
_FEWEST, _MOST = 24, 64


class BadSecret(BadInput):
    """A secret that the scheme does not allow."""

    code = "webhooks.bad_secret"
    template = "This is no signing secret. It is whsec_ followed by 24 to 64 bytes in Base64."


def new_secret() -> str:
    """A secret of 32 random bytes."""
    return PREFIX + base64.b64encode(dice.token_bytes(_BYTES)).decode()


def require_secret(*, secret: str) -> str:
    """The secret without blanks around it; raises BadSecret."""
    given = secret.strip()
    if not given.startswith(PREFIX) or not _FEWEST <= len(_key_of(given)) <= _MOST:
        raise BadSecret
    return given


def sign(*, secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret, with blanks between."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.new(_key_of(secret), signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _key_of(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret from None
