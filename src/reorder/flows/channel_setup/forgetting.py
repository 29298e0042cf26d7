"""What sending need not keep: words of providers that nobody could use, words and passes that are over."""

import datetime as dt
from typing import Final

from reorder.domain.messaging import link_words
from reorder.domain.messaging.operations import events
from reorder.domain.storage import one_transaction

_KEPT: Final = dt.timedelta(days=30)


def forget_strays(*, moment: dt.datetime) -> int:
    """Delete what is older than 30 days, and passes that are over; returns how many rows that were."""
    with one_transaction():
        return events.forget_strays(before=moment - _KEPT) + link_words.forget_used(before=moment)
