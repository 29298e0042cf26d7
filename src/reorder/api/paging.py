"""Pages by keyset: a cursor holds the sorting values of the last row, so a page costs the same however far it lies."""

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reorder.kernel import cursors
from reorder.kernel.errors import BadInput

_LARGEST = 2**63 - 1


class BadCursor(BadInput):
    code = "api.bad_cursor"
    template = "This cursor is of no page here; start without one."


def encode_cursor(*, of: str, values: Sequence[Any]) -> str:
    """An opaque text for the place after the row with these sorting values; `of` names the list."""
    return cursors.encode_cursor(values=[of, *values])


def decode_cursor(*, of: str, text: str | None, kinds: Sequence[type]) -> list[Any] | None:
    """The sorting values of the last row of the page before, None for the first page.

    `kinds` are their types: int, float, str, datetime.date or datetime.datetime. Raises BadCursor.
    """
    if text is None:
        return None
    try:
        name, *values = cursors.decode_cursor(text=text)
        if name != of:
            raise BadCursor
        return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError):
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
        if not isinstance(value, str):
            raise BadCursor
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else int):
        raise BadCursor
    if abs(value) > _LARGEST or not math.isfinite(value):
        raise BadCursor
    return value


def cut_page(*, rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], Any | None]:
    """The page of `limit` rows, and its last row when one more was read: the sign that there is a next page."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1]


def as_number(value: Decimal | float) -> float:
    """An estimate, rounded to what anybody can mean by it."""
    return round(float(value), 4)
