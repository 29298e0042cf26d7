"""Counting what strangers try from one place, in spans of time; what too many means is the caller's."""

import datetime as dt

from reorder.domain.storage import count_up, read_count


def is_spent(*, key: str, moment: dt.datetime, most: int, span: dt.timedelta) -> bool:
    """Whether `key` was tried `most` times in this span already; counts nothing."""
    return read_count(key=_key(key, moment=moment, span=span)) >= most


def count_try(*, key: str, moment: dt.datetime, span: dt.timedelta) -> int:
    """One more try of `key`; how many there were in this span."""
    return count_up(key=_key(key, moment=moment, span=span), expires_at=moment + span)


def _key(key: str, *, moment: dt.datetime, span: dt.timedelta) -> str:
    return f"{key}:{int(moment.timestamp() // span.total_seconds())}"
