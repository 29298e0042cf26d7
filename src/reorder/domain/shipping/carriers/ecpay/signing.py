"""CheckMacValue: what ECPay and its merchants sign their forms with.

Domestic logistics demands MD5, which is no safe digest: it is used here and nowhere else, and what it vouches for is
only believed as far as the parcel it names is ours. (ECPay, "Checksum mechanism", pages 7424 and 22539; PHP SDK,
CheckMacValueService.)
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

FIELD: Final = "CheckMacValue"
# What .NET leaves bare where others write a code; Python leaves `~` bare, .NET and PHP do not.
_AS_DOTNET: Final = (
    ("%2d", "-"),
    ("%5f", "_"),
    ("%2e", "."),
    ("%21", "!"),
    ("%2a", "*"),
    ("%28", "("),
    ("%29", ")"),
    ("~", "%7e"),
)


def check_mac_value(*, fields: Mapping[str, str], hash_key: str, hash_iv: str, digest: str = "md5") -> str:
    """The signature of a form: `md5` for logistics and invoices, `sha256` for payments."""
    named = sorted(((name, value) for name, value in fields.items() if name != FIELD), key=lambda one: one[0].lower())
    joined = "&".join(f"{name}={value}" for name, value in named)
    text = quote_plus(f"HashKey={hash_key}&{joined}&HashIV={hash_iv}").lower()
    for code, bare in _AS_DOTNET:
        text = text.replace(code, bare)
    return hashlib.new(digest, text.encode(), usedforsecurity=False).hexdigest().upper()


def is_signed(*, fields: Mapping[str, str], hash_key: str, hash_iv: str) -> bool:
    """Whether a form bears our signature; compared in constant time."""
    wanted = check_mac_value(fields=fields, hash_key=hash_key, hash_iv=hash_iv)
    return hmac.compare_digest(wanted.encode(), fields.get(FIELD, "").upper().encode())


def signed(*, fields: Mapping[str, str], hash_key: str, hash_iv: str) -> dict[str, str]:
    """The form with its signature."""
    return {**fields, FIELD: check_mac_value(fields=fields, hash_key=hash_key, hash_iv=hash_iv)}
