"""People who wait for an answer about their data longer than the law allows, told as alerts."""

import datetime as dt
from typing import Final

from django.conf import settings

from reorder.domain.customers.privacy import count_pressing
from reorder.flows.alerting import raise_privacy_requests
from reorder.kernel.clock import date_at

# So many days before its end a request is told of: time enough to gather and to answer.
SOON_DAYS: Final = 3


def tell_pressing(*, moment: dt.datetime) -> None:
    """Open, keep or resolve the alerts about requests that are late, or nearly so; safe to run twice."""
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    overdue, soon = count_pressing(today=today, soon_days=SOON_DAYS)
    raise_privacy_requests(overdue=overdue, soon=soon, moment=moment)
