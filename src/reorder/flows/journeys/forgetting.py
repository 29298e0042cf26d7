"""Old ways through journeys are forgotten lot by lot."""

import datetime as dt
from typing import Final

from django.conf import settings

from reorder.domain.marketing.journeys.forgetting import forget_lot
from reorder.domain.storage import one_transaction

_LOT: Final = 5000


def forget_ways(*, moment: dt.datetime) -> int:
    """Forget ways that ended before the days that they are kept, with what happened on them; returns events deleted."""
    before = moment - dt.timedelta(days=settings.REORDER.journey_kept_days)
    after: int | None = 0
    forgotten = 0
    while after is not None:
        with one_transaction():
            lot = forget_lot(after=after, before=before, limit=_LOT)
        after, forgotten = lot.next_after, forgotten + lot.events_count
    return forgotten
