"""Moments on the shop's own calendar and clock."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.kernel.clock import date_at


def shop_date(*, moment: dt.datetime) -> dt.date:
    """The shop's calendar day of a moment."""
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)


def shop_time(*, moment: dt.datetime) -> dt.time:
    """The shop's time of day of a moment."""
    return moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).time()
