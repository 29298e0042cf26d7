"""The shop's own pair of keys for browsers' push services (VAPID, RFC 8292): P-256, as Base64 without padding."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def new_private_key() -> str:
    """A new private key: 32 bytes."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _plain(number.to_bytes(32, "big"))


def public_key_of(*, private_key: str) -> str:
    """The public key, as pages give it to browsers. Raises ValueError for what is no key."""
    public = read_private_key(text=private_key).public_key()
    return _plain(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def read_private_key(*, text: str) -> ec.EllipticCurvePrivateKey:
    """The key behind the text. Raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise ValueError("it is no key") from fault
    if len(raw) != 32:
        raise ValueError("a key has 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
