"""When a planned reminder goes out: at its hour on the customer's own clock, never at night."""

import datetime as dt
from zoneinfo import ZoneInfo

from reorder.engine.repurchase import LAST_HOUR
from reorder.kernel.clock import zone_of

# The window that the reminder is about ends three days after its day.
VALID_DAYS = 3


def send_after(*, as_of: dt.date, hour: int, time_zone: str, shop_time_zone: str, moment: dt.datetime) -> dt.datetime:
    """The moment (UTC) from which a reminder of `as_of` may go out.

    `time_zone` is the customer's (IANA; empty or unknown: the shop's). When the hour has passed at `moment`, it is now,
    or the next day's hour once it is late (LAST_HOUR).
    """
    zone = zone_of(time_zone=time_zone, otherwise=shop_time_zone)
    wanted = dt.datetime.combine(as_of, dt.time(hour), zone)
    local = moment.astimezone(zone)
    if wanted < local:
        wanted = local if hour <= local.hour < LAST_HOUR else _next_hour(local=local, hour=hour, zone=zone)
    return wanted.astimezone(dt.UTC)


def expires_at(*, sent_after: dt.datetime) -> dt.datetime:
    """After this moment the reminder would come too late to be of use."""
    return sent_after + dt.timedelta(days=VALID_DAYS)


def _next_hour(*, local: dt.datetime, hour: int, zone: ZoneInfo) -> dt.datetime:
    day = local.date() if local.hour < hour else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(hour), zone)
