"""Reads of segments: what there are, who belongs to them, and how many there were on each day.

What other rooms and flows ask: `find_segment`, `list_segments`, `list_segment_codes_of`, `list_member_ids`,
`count_members`. Membership is as the last count left it: by the event within seconds, by the calendar every night.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.marketing.segment_errors import UnknownSegment
from reorder.domain.marketing.segment_models import Segment, SegmentDay
from reorder.kernel.stored_json import read_json

_CODES_OF: Final = """
SELECT member.customer_id, array_agg(segment.code) FROM marketing_segmentmember AS member
JOIN marketing_segment AS segment ON segment.id = member.segment_id
WHERE member.customer_id = ANY(%s::bigint[]) GROUP BY member.customer_id
"""
_MEMBERS: Final = """
SELECT member.customer_id FROM marketing_segmentmember AS member
WHERE member.segment_id = (SELECT id FROM marketing_segment WHERE code = %(code)s) AND member.customer_id > %(after)s
ORDER BY member.customer_id LIMIT %(limit)s
"""
_PEOPLE: Final = """
SELECT customer.id, customer.key, customer.name, customer.erased_at IS NOT NULL, member.since_at,
       coalesce(value.segment, ''), value.expected_value
FROM (SELECT customer_id, since_at FROM marketing_segmentmember
      WHERE segment_id = %(id)s AND customer_id > %(after)s ORDER BY customer_id LIMIT %(limit)s) AS member
JOIN customers_customer AS customer ON customer.id = member.customer_id
LEFT JOIN planning_customervalue AS value ON value.customer_id = member.customer_id ORDER BY customer.id
"""
_STAYS: Final = """
SELECT segment.code, segment.name, stay.since_at, stay.left_at FROM (
    SELECT segment_id, since_at, NULL::timestamptz AS left_at FROM marketing_segmentmember
    WHERE customer_id = %(customer_id)s
    UNION ALL (SELECT segment_id, since_at, left_at FROM marketing_segmentstay
               WHERE customer_id = %(customer_id)s ORDER BY left_at DESC LIMIT %(limit)s)) AS stay
JOIN marketing_segment AS segment ON segment.id = stay.segment_id
ORDER BY stay.left_at DESC NULLS FIRST, segment.name
"""


_ON_DAY: Final = """
SELECT segment.id, day.members_count FROM marketing_segment AS segment
CROSS JOIN LATERAL (SELECT members_count FROM marketing_segmentday AS known
    WHERE known.segment_id = segment.id AND known.date <= %s ORDER BY known.date DESC LIMIT 1) AS day
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """One segment; `counted_at` is None until everybody was held against its rules as they stand."""

    id: int
    code: str
    name: str
    description: str
    kind: str
    rules: Mapping[str, Any]
    member_tag: str
    members_count: int
    counted_at: dt.datetime | None
    fault: str
    created_by: str
    changed_at: dt.datetime
    changed_by: str

    @property
    def is_list(self) -> bool:
        """Whether people and programs keep it by hand."""
        return self.kind == "list"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as lists show them; value in major units of the shop's currency, None before the first night."""

    customer_id: int
    key: str
    name: str
    is_erased: bool
    since_at: dt.datetime
    rfm_segment: str
    expected_value: float | None


@dataclass(frozen=True, slots=True)
class StayRow:
    """A customer's time in a segment; `left_at` None while it lasts."""

    code: str
    name: str
    since_at: dt.datetime
    left_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DayRow:
    """A segment on one day of the shop."""

    date: dt.date
    members_count: int
    came_count: int
    left_count: int


def find_segment(*, code: str) -> SegmentRow | None:
    """One segment; None when there is none of this code."""
    found = Segment.objects.filter(code=code).first()
    return _row(found) if found else None


def get_segment(*, code: str) -> SegmentRow:
    """One segment; raises UnknownSegment."""
    found = find_segment(code=code)
    if found is None:
        raise UnknownSegment(given=code[:64])
    return found


def list_segments() -> list[SegmentRow]:
    """All segments, by name."""
    return [_row(one) for one in Segment.objects.order_by("name", "code")]


def list_segment_codes_of(*, customer_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The segments of each of these customers; who is in none has no entry."""
    with connection.cursor() as cursor:
        cursor.execute(_CODES_OF, [list(customer_ids)])
        return {customer_id: frozenset(codes) for customer_id, codes in cursor.fetchall()}


def list_member_ids(*, code: str, after_id: int = 0, limit: int = 1000) -> list[int]:
    """Members by customer id, those behind `after_id`; of a code that is nobody's, none."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, {"code": code, "after": after_id, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def count_members(*, code: str) -> int:
    """How many belong to it now; 0 of a code that is nobody's."""
    count = Segment.objects.filter(code=code).values_list("members_count", flat=True).first()
    return count or 0


def list_members(*, segment_id: int, after_id: int, limit: int) -> list[MemberRow]:
    """Members as lists show them, by customer id, those behind `after_id`."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"id": segment_id, "after": after_id, "limit": limit})
        return [MemberRow(*row) for row in cursor.fetchall()]


def list_stays(*, customer_id: int, limit: int = 20) -> list[StayRow]:
    """Segments that a customer is in, then those left, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, {"customer_id": customer_id, "limit": limit})
        return [StayRow(*row) for row in cursor.fetchall()]


def list_days(*, segment_id: int, since: dt.date) -> list[DayRow]:
    """How many there were on each day that was counted, the first day first."""
    days = SegmentDay.objects.filter(segment_id=segment_id, date__gte=since).order_by("date")
    return [DayRow(*row) for row in days.values_list("date", "members_count", "came_count", "left_count")]


def count_members_on(*, date: dt.date) -> dict[int, int]:
    """Members of each segment at the end of a day, by its number: as the last earlier day that was counted left it."""
    with connection.cursor() as cursor:
        cursor.execute(_ON_DAY, [date])
        return dict(cursor.fetchall())


def _row(one: Segment) -> SegmentRow:
    return SegmentRow(
        id=one.pk,
        code=one.code,
        name=one.name,
        description=one.description,
        kind=one.kind,
        rules=read_json(one.rules),
        member_tag=one.member_tag,
        members_count=one.members_count,
        counted_at=one.counted_at,
        fault=one.fault,
        created_by=one.created_by,
        changed_at=one.changed_at,
        changed_by=one.changed_by,
    )
