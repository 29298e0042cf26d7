"""When a customer who waits at a step goes on. Pure."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from reorder.domain.marketing.journeys.definition import Step


def span_of(*, options: Mapping[str, Any]) -> dt.timedelta:
    """How long a step waits."""
    return dt.timedelta(days=options.get("days", 0), hours=options.get("hours", 0), minutes=options.get("minutes", 0))


def ends_at(*, step: Step, moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When the wait of a step is over that is reached at `moment`; `zone` is the customer's."""
    if step.kind == "until":
        return next_hour(moment=moment, hour=step.options["hour"], weekdays=step.options.get("weekdays", ()), zone=zone)
    return moment + span_of(options=step.options)


def next_hour(
    *, moment: dt.datetime, hour: int, weekdays: "list[int] | tuple[int, ...]", zone: ZoneInfo
) -> dt.datetime:
    """The next moment at which it is `hour` on one of these weekdays (1 is Monday; none: any) where the customer is."""
    local = moment.astimezone(zone)
    day = local.date()
    for _ in range(9):
        # An hour that a clock change skips is the one after it.
        wanted = dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
        if wanted >= moment and (not weekdays or day.isoweekday() in weekdays):
            return wanted
        day += dt.timedelta(days=1)
    raise ValueError("no weekday is one of the week")
