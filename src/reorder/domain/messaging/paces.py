"""How far each way out may go now: rests after a refusal, what left today and this month."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Sum

from reorder.domain.messaging.channel_models import ChannelDay, ChannelPace
from reorder.domain.storage import run_sql

_FIRST_REST: Final = dt.timedelta(seconds=30)
_LONGEST_REST: Final = dt.timedelta(minutes=15)
_DOUBLINGS_MOST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceRow:
    """A way that rests, and why."""

    way: str
    rests_until: dt.datetime
    reason_code: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """What left by a way on a day to one mail service."""

    way: str
    day_date: dt.date
    domain: str
    sent_count: int
    billed_count: int
    cost_micros: int


def list_resting(*, moment: dt.datetime) -> dict[str, PaceRow]:
    """Ways that nothing is tried by now."""
    found = ChannelPace.objects.filter(rests_until__gt=moment)
    return {
        one.way: PaceRow(way=one.way, rests_until=one.rests_until, reason_code=one.reason_code, error=one.error)
        for one in found
    }


def rest_way(
    *, way: str, reason_code: str, error: str, retry_after: dt.timedelta | None, moment: dt.datetime
) -> dt.datetime:
    """Try nothing by a way for as long as it asks, or for half a minute that doubles with each failure in a row."""
    known = ChannelPace.objects.filter(way=way).values_list("failures_in_row", flat=True).first() or 0
    doublings: int = min(known, _DOUBLINGS_MOST)
    wait = min(_FIRST_REST * (1 << doublings), _LONGEST_REST)
    until = moment + max(wait, retry_after or wait)
    run_sql(
        statement="""INSERT INTO messaging_channelpace AS kept (way, rests_until, reason_code, error, failures_in_row)
            VALUES (%(way)s, %(until)s, %(code)s, %(error)s, 1)
            ON CONFLICT (way) DO UPDATE SET rests_until = greatest(kept.rests_until, excluded.rests_until),
                reason_code = excluded.reason_code, error = excluded.error,
                failures_in_row = least(kept.failures_in_row + 1, 1000)""",
        parameters={"way": way, "until": until, "code": reason_code, "error": error},
    )
    return until


def wake_way(*, way: str) -> bool:
    """Use a way again at once: it answered, or a person wants it tried. False when it did not rest."""
    return bool(ChannelPace.objects.filter(way=way).delete()[0])


def count_day(*, way: str, day: dt.date) -> dict[str, int]:
    """What left by a way on a day, by mail service."""
    found = ChannelDay.objects.filter(way=way, day_date=day)
    return dict(found.values_list("domain", "sent_count"))


def count_billed(*, ways: Sequence[str], since: dt.date) -> dict[str, int]:
    """What providers count of messages that left by these ways from a day on."""
    found = ChannelDay.objects.filter(way__in=list(ways), day_date__gte=since).values("way")
    return {row["way"]: int(row["count"] or 0) for row in found.annotate(count=Sum("billed_count"))}


def list_days(*, since: dt.date) -> list[DayRow]:
    """What left from a day on, the newest first."""
    found = ChannelDay.objects.filter(day_date__gte=since).order_by("-day_date", "way", F("sent_count").desc())
    return [
        DayRow(
            way=one.way,
            day_date=one.day_date,
            domain=one.domain,
            sent_count=one.sent_count,
            billed_count=one.billed_count,
            cost_micros=one.cost_micros,
        )
        for one in found
    ]
