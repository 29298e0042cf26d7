"""When people open, click and order, by weekday and hour of their own clock."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings

from reorder.domain.marketing.segments import SegmentRow, list_segments
from reorder.insights.reading import read_rows
from reorder.kernel.clock import zone_of

Doing = Literal["opened", "clicked", "ordered"]
DOINGS: Final[tuple[Doing, ...]] = ("opened", "clicked", "ordered")
DAYS: Final = (28, 90, 365)
# More would not move the picture, and a page has no time for them.
_MOST_EVENTS: Final = 200_000
_IN_SEGMENT: Final = """
EXISTS (SELECT FROM marketing_segmentmember AS member
        JOIN marketing_segment AS segment ON segment.id = member.segment_id
        WHERE segment.code = %(segment)s AND member.customer_id = done.customer_id)
"""
_DONE: Final[Mapping[str, str]] = {
    "message": """SELECT message.customer_id, event.happened_at FROM messaging_messageevent AS event
        JOIN messaging_outboxmessage AS message ON message.id = event.message_id
        WHERE event.kind = %(kind)s AND event.happened_at >= %(since)s AND event.recorded_at >= %(since)s
          AND message.customer_id IS NOT NULL ORDER BY event.id DESC""",
    "order": """SELECT customer_id, ordered_at AS happened_at FROM orders_order
        WHERE state NOT IN ('draft', 'cancelled') AND ordered_at >= %(since)s ORDER BY ordered_at DESC""",
}
# Half hours of UTC: whoever's clock lies half an hour off falls into the right hour all the same.
_COUNTED: Final = """
SELECT customer.time_zone, date_bin('30 minutes', done.happened_at, '2000-01-01Z'::timestamptz) AS moment,
       count(*) AS times
FROM ({done} LIMIT %(most)s) AS done JOIN customers_customer AS customer ON customer.id = done.customer_id
WHERE {condition} GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How often something was done: seven rows from Monday, 24 hours each."""

    counts: Sequence[Sequence[int]]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(map(sum, self.counts))

    def share(self, *, weekday: int, hour: int) -> float:
        """Part of all that falls into one hour of the week."""
        return self.counts[weekday][hour] / self.total if self.total else 0.0

    @property
    def best(self) -> list[tuple[int, int]]:
        """The hours with most, the best first; none before anything was done."""
        places = [(day, hour) for day in range(7) for hour in range(24) if self.counts[day][hour]]
        return sorted(places, key=lambda place: (-self.counts[place[0]][place[1]], place))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPage:
    """One heat map and what one can choose instead."""

    doing: Doing
    days: int
    segment: str
    heat: HeatMap
    segments: Sequence[SegmentRow]


def load_heat(*, doing: Doing, segment: str, days: int, moment: dt.datetime) -> HeatPage:
    """When it was done in the last `days`, by everybody or the members of a segment."""
    segments = list_segments()
    known = segment if any(one.code == segment for one in segments) else ""
    done = _DONE["order" if doing == "ordered" else "message"]
    rows = read_rows(
        statement=_COUNTED.format(done=done, condition=_IN_SEGMENT if known else "true"),
        parameters={
            "kind": doing,
            "since": moment - dt.timedelta(days=days),
            "segment": known,
            "most": _MOST_EVENTS,
        },
    )
    counts = [[0] * 24 for _ in range(7)]
    zones = {
        one: zone_of(time_zone=one, otherwise=settings.REORDER.time_zone) for one in {row["time_zone"] for row in rows}
    }
    for row in rows:
        local = row["moment"].astimezone(zones[row["time_zone"]])
        counts[local.weekday()][local.hour] += row["times"]
    return HeatPage(doing=doing, days=days, segment=known, heat=HeatMap(counts), segments=segments)
