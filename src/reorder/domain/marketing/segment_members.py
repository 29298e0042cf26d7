"""Who joins and leaves segments, set by set: members, history, counts of days, facts for journeys, tags of members.

Every function runs in the caller's transaction, which holds `lock_members`: membership has one writer at a time, so
that a count is what was added less what was taken away.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.marketing.segment_models import Segment
from reorder.domain.marketing.segment_sql import WITHIN, Scope
from reorder.domain.storage import run_sql, take_transaction_locks

MEMBERS_LOCK: Final = "marketing.segment_members"
# What changed follows from {now}: customer_id and mask (bit n: the n-th of these segments wants them).
_CHANGE: Final = """
WITH bits AS (
    SELECT * FROM unnest(%(segment_ids)s::bigint[], %(bits)s::bigint[], %(tells)s::boolean[], %(codes)s::text[])
        AS given(segment_id, bit, tells, code)
), now AS MATERIALIZED ({now}), was AS MATERIALIZED (
    SELECT member.customer_id, bit_or(bits.bit) AS mask FROM marketing_segmentmember AS member
    JOIN bits ON bits.segment_id = member.segment_id WHERE member.customer_id {within} GROUP BY member.customer_id
), changed AS MATERIALIZED (
    SELECT customer_id, coalesce(now.mask, 0) AS wanted, coalesce(was.mask, 0) AS held
    FROM now FULL JOIN was USING (customer_id) WHERE now.mask IS DISTINCT FROM was.mask
), gone AS (
    DELETE FROM marketing_segmentmember AS member USING changed, bits
    WHERE member.customer_id = changed.customer_id AND member.segment_id = bits.segment_id
      AND changed.held & bits.bit <> 0 AND changed.wanted & bits.bit = 0
    RETURNING member.segment_id, member.customer_id, member.since_at, bits.tells, bits.code
), history AS (
    INSERT INTO marketing_segmentstay (segment_id, customer_id, since_at, left_at)
    SELECT segment_id, customer_id, since_at, greatest(%(moment)s, since_at) FROM gone
), come AS (
    SELECT bits.segment_id, changed.customer_id, bits.tells, bits.code FROM changed JOIN bits
    ON changed.wanted & bits.bit <> 0 AND changed.held & bits.bit = 0
), joined AS (
    INSERT INTO marketing_segmentmember (segment_id, customer_id, since_at)
    SELECT segment_id, customer_id, %(moment)s FROM come ORDER BY segment_id, customer_id
), told AS (
    SELECT 'entered_segment' AS kind, come.customer_id, come.code, come.segment_id FROM come WHERE come.tells
    UNION ALL SELECT 'left_segment', gone.customer_id, gone.code, gone.segment_id FROM gone WHERE gone.tells
), noted AS (
    INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
    SELECT told.kind, told.customer_id, told.code, '{{}}'::jsonb, %(moment)s,
           concat_ws(':', told.kind, told.segment_id, told.customer_id, extract(epoch FROM %(moment)s::timestamptz))
    FROM told JOIN marketing_wantedfact AS wanted ON wanted.kind = told.kind
    ORDER BY told.kind, told.segment_id, told.customer_id ON CONFLICT (key) DO NOTHING
)
SELECT bits.segment_id, (SELECT count(*) FROM come WHERE come.segment_id = bits.segment_id),
       (SELECT count(*) FROM gone WHERE gone.segment_id = bits.segment_id)
FROM bits
"""
_ADD_COUNTS: Final = """
UPDATE marketing_segment AS segment SET members_count = greatest(segment.members_count + given.came - given.went, 0)
FROM unnest(%(ids)s::bigint[], %(came)s::integer[], %(went)s::integer[]) AS given(id, came, went)
WHERE segment.id = given.id
"""
_ADD_DAYS: Final = """
INSERT INTO marketing_segmentday AS day (segment_id, date, members_count, came_count, left_count)
SELECT segment.id, %(today)s, segment.members_count, given.came, given.went
FROM unnest(%(ids)s::bigint[], %(came)s::integer[], %(went)s::integer[]) AS given(id, came, went)
JOIN marketing_segment AS segment ON segment.id = given.id ORDER BY segment.id
ON CONFLICT (segment_id, date) DO UPDATE SET members_count = excluded.members_count,
    came_count = day.came_count + excluded.came_count, left_count = day.left_count + excluded.left_count
"""
_GIVE_TAGS: Final = """
INSERT INTO customers_customertag (customer_id, tag, added_by, added_at)
SELECT member.customer_id, %(tag)s, %(by)s, %(moment)s FROM marketing_segmentmember AS member
WHERE member.segment_id = %(id)s AND member.customer_id {within} ORDER BY member.customer_id
ON CONFLICT (customer_id, tag) DO NOTHING
"""
_TAKE_TAGS: Final = """
DELETE FROM customers_customertag AS worn WHERE worn.added_by = %(by)s AND worn.customer_id {within}
AND (worn.tag <> %(tag)s OR NOT EXISTS (
    SELECT FROM marketing_segmentmember AS member
    WHERE member.segment_id = %(id)s AND member.customer_id = worn.customer_id))
"""
_RECOUNT: Final = """
UPDATE marketing_segment AS segment SET members_count = counted.count, counted_at = %(moment)s, fault = ''
FROM (SELECT given.id, count(member.customer_id) AS count FROM unnest(%(ids)s::bigint[]) AS given(id)
      LEFT JOIN marketing_segmentmember AS member ON member.segment_id = given.id GROUP BY given.id) AS counted
WHERE segment.id = counted.id
"""
_MOVE_ON_LISTS: Final = """
INSERT INTO marketing_segmentmember (segment_id, customer_id, since_at)
SELECT member.segment_id, %(to)s, member.since_at FROM marketing_segmentmember AS member
JOIN marketing_segment AS segment ON segment.id = member.segment_id AND segment.kind = 'list'
WHERE member.customer_id = %(from)s ORDER BY member.segment_id ON CONFLICT DO NOTHING RETURNING segment_id
"""
_MOVE_HISTORY: Final = "UPDATE marketing_segmentstay SET customer_id = %(to)s WHERE customer_id = %(from)s"
_TAKE_OUT: Final = "DELETE FROM marketing_segmentmember WHERE customer_id = %(from)s RETURNING segment_id"
_DROP_STRAYS: Final = """
DELETE FROM marketing_segmentmember AS member WHERE NOT EXISTS (
    SELECT FROM customers_customer AS customer WHERE customer.id = member.customer_id
    AND customer.erased_at IS NULL AND customer.merged_into_id IS NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A segment whose members are being counted; `tells`: journeys hear who came and went."""

    id: int
    code: str
    tells: bool
    member_tag: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How many joined and left one segment."""

    segment_id: int
    came_count: int
    left_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whom the statement is about, and when: what compiled rules need besides their own values."""

    scope: Scope
    parameters: Mapping[str, Any]
    moment: dt.datetime
    today: dt.date


def lock_members() -> None:
    """Be the only writer of memberships until the open transaction ends."""
    take_transaction_locks(names=[MEMBERS_LOCK])


def use_roomy_memory() -> None:
    """More memory for the hash tables of this transaction's statements: a stretch of customers fits without disk."""
    run_sql(statement="SELECT set_config('work_mem', '96MB', true)")


def lay_out(*, now_sql: str, values: Mapping[str, Any], held: Held) -> str:
    """Have the answer of compiled rules ready in a table of this transaction; returns what reads it.

    A statement that writes is run by one core alone: where there are many customers, reading is done before it.
    """
    run_sql(statement="DROP TABLE IF EXISTS segment_now")
    run_sql(
        statement=f"CREATE TEMP TABLE segment_now ON COMMIT DROP AS {now_sql}",
        parameters={**held.parameters, **values},
    )
    run_sql(statement="ANALYZE segment_now")
    return "SELECT customer_id, mask FROM segment_now"


def change_members(*, targets: Sequence[Target], now_sql: str, values: Mapping[str, Any], held: Held) -> list[Change]:
    """Let the members of a scope be those of `now_sql` (customer_id, mask; bit n for the n-th target)."""
    statement = _CHANGE.format(now=now_sql, within=WITHIN[held.scope])
    given = {
        **held.parameters,
        **values,
        "moment": held.moment,
        "segment_ids": [target.id for target in targets],
        "bits": [1 << place for place in range(len(targets))],
        "tells": [target.tells for target in targets],
        "codes": [target.code for target in targets],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        changes = [Change(*row) for row in cursor.fetchall()]
    moved = [change for change in changes if change.came_count or change.left_count]
    _count(changes=moved, today=held.today)
    for target in targets:
        if target.member_tag and any(change.segment_id == target.id for change in moved):
            follow_tag(segment_id=target.id, code=target.code, tag=target.member_tag, held=held)
    return moved


def follow_tag(*, segment_id: int, code: str, tag: str, held: Held) -> int:
    """Have the members of a scope wear the segment's tag, and nobody else who wears one of this segment's."""
    given = {**held.parameters, "id": segment_id, "tag": tag, "by": f"segment:{code}", "moment": held.moment}
    within = WITHIN[held.scope]
    taken = run_sql(statement=_TAKE_TAGS.format(within=within), parameters=given)
    return taken + (run_sql(statement=_GIVE_TAGS.format(within=within), parameters=given) if tag else 0)


def finish_count(*, segment_ids: Sequence[int], moment: dt.datetime, today: dt.date) -> None:
    """Everybody was held against these rules: count their members anew and say when."""
    ids = list(segment_ids)
    run_sql(statement=_RECOUNT, parameters={"ids": ids, "moment": moment})
    _count(changes=[Change(segment_id, 0, 0) for segment_id in ids], today=today)


def note_fault(*, segment_id: int, fault: str) -> None:
    """Say on a segment why its rules could not be counted; its members stay as they were."""
    Segment.objects.filter(pk=segment_id).update(fault=fault[:1000])


def forget_faults(*, segment_ids: Sequence[int]) -> None:
    """Try these segments again: what was wrong with them may be over."""
    Segment.objects.filter(pk__in=list(segment_ids)).exclude(fault="").update(fault="")


def move_list_members(*, from_customer_id: int, to_customer_id: int, today: dt.date) -> None:
    """Have one customer stand on the lists of another, who leaves every segment; what rules say follows by itself."""
    lock_members()
    given = {"from": from_customer_id, "to": to_customer_id}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ON_LISTS, given)
        changes = [Change(row[0], 1, 0) for row in cursor.fetchall()]
        cursor.execute(_TAKE_OUT, given)
        changes += [Change(row[0], 0, 1) for row in cursor.fetchall()]
        cursor.execute(_MOVE_HISTORY, given)
    for change in changes:
        _count(changes=[change], today=today)


def drop_strays() -> int:
    """Take out members who were erased or merged into another; returns how many."""
    return run_sql(statement=_DROP_STRAYS)


def _count(*, changes: Sequence[Change], today: dt.date) -> None:
    if not changes:
        return
    given = {
        "ids": [change.segment_id for change in changes],
        "came": [change.came_count for change in changes],
        "went": [change.left_count for change in changes],
        "today": today,
    }
    run_sql(statement=_ADD_COUNTS, parameters=given)
    run_sql(statement=_ADD_DAYS, parameters=given)
