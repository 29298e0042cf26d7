"""What another server asks us to wait (RFC 9110, 10.2.3)."""

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST_RETRY_AFTER: Final = dt.timedelta(days=1)


def read_retry_after(*, text: str, moment: dt.datetime) -> dt.timedelta | None:
    """What the header Retry-After asks for, seconds or a date; at most a day, None for nonsense."""
    given = text.strip()
    if given.isascii() and given.isdigit():
        return min(dt.timedelta(seconds=int(given[:9])), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return min(max(until - moment, dt.timedelta(0)), _LONGEST_RETRY_AFTER)
