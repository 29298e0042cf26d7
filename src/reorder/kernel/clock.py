"""The only clock: edges ask it once and pass the moment down."""

import datetime as dt
import os
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def current_moment() -> dt.datetime:
    """The present moment in UTC; `REORDER_CLOCK` (ISO, UTC) freezes it so that demos and tests can replay a day."""
    frozen = os.environ.get("REORDER_CLOCK")
    if frozen:
        moment = dt.datetime.fromisoformat(frozen)
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return dt.datetime.now(tz=dt.UTC)  # noqa: TID251 - this is the clock


def current_date(*, time_zone: str) -> dt.date:
    """Today on the calendar of `time_zone` (IANA name)."""
    return date_at(moment=current_moment(), time_zone=time_zone)


def date_at(*, moment: dt.datetime, time_zone: str) -> dt.date:
    """The day of a moment on the calendar of `time_zone` (IANA name)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def midnight(*, date: dt.date, time_zone: str) -> dt.datetime:
    """The moment at which a day begins on the calendar of `time_zone` (IANA name)."""
    return dt.datetime.combine(date, dt.time(), ZoneInfo(time_zone))


def zone_of(*, time_zone: str, otherwise: str) -> ZoneInfo:
    """The zone of an IANA name that somebody gave; that of `otherwise` where it is empty or nobody knows it."""
    try:
        return ZoneInfo(time_zone or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)
