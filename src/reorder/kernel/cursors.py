"""A place in a list as a piece of an address: the sort values of the last row seen, readable by whoever wrote them.

People and programs send anything back: what was read are plain values, and what they mean is for the reader to check.
"""

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

Plain = str | int | float | bool | None


class UnreadableCursor(ValueError):
    """Not a list of plain values."""


def encode_cursor(*, values: Sequence[object]) -> str:
    """Sort values as text without meaning to addresses; days and moments in ISO form."""
    text = json.dumps(list(values), default=_plain, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(*, text: str) -> tuple[Plain, ...]:
    """The values again; raises UnreadableCursor."""
    try:
        values = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        raise UnreadableCursor from None
    if not isinstance(values, list) or not all(_is_plain(value) for value in values):
        raise UnreadableCursor
    return tuple(values)


def _is_plain(value: object) -> bool:
    """No list within the list, and no text that a database refuses: a NUL, or half of a character."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, int | float)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
