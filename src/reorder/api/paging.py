"""Pages by keyset: a cursor holds the sorting values of the last row, so a page costs the same however far it lies."""

import binascii
import datetime as dt
import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reorder.kernel.errors import BadInput

_LARGEST = 2**63 - 1


class BadCursor(BadInput):
    code = "api.bad_cursor"
    template = "This cursor is of no page here; start without one."


def encode_cursor(*, of: str, values: Sequence[Any]) -> str:
    """An opaque text for the place after the row with these sorting values; `of` names the list."""
    plain = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
    text = json.dumps([of, *plain], separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(*, of: str, text: str | None, kinds: Sequence[type]) -> list[Any] | None:
    """The sorting values of the last row of the page before, None for the first page.

    `kinds` are their types: int, float, str, datetime.date or datetime.datetime. Raises BadCursor.
    """
    if text is None:
        return None
    try:
        raw = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        name, *values = raw
        if name != of:
            raise BadCursor
        return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError):
        raise BadCursor from None


def _read(value: Any, kind: type) -> Any:
    if kind is dt.datetime:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None or not 1 < moment.year < 9999:
            raise BadCursor
        return moment
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is str:
        return _text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else int):
        raise BadCursor
    if abs(value) > _LARGEST or not math.isfinite(value):
        raise BadCursor
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise BadCursor
    value.encode()
    return value


def cut_page(*, rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], Any | None]:
    """The page of `limit` rows, and its last row when one more was read: the sign that there is a next page."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1]


def as_number(value: Decimal | float) -> float:
    """An estimate, rounded to what anybody can mean by it."""
    return round(float(value), 4)
