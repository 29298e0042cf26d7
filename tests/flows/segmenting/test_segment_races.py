"""Many writers of memberships at once, each with a connection of its own: nothing is lost, counted twice or locked up."""

import datetime as dt

import pytest
from django.db.models import Count

from reorder.domain.customers import profile
from reorder.domain.marketing.models import Segment, SegmentDay, SegmentMember
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.flows import segmenting
from tests.factories.messaging import make_customer
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)


def take_turn(hand: int, turn: int, people: list[int]) -> None:
    """The first hand counts everybody, the next tags, then come and go, the others follow events."""
    moment = NOW + dt.timedelta(seconds=hand)
    some = people[(hand * 10 + turn) % 50 :][:10]
    if hand == 0:
        segmenting.refresh_all(moment=moment)
    elif hand == 1:
        keys = [f"c{turn * 7 + step}" for step in range(7)]
        segmenting.tag_people(keys=keys, add=["vip"], remove=[], decided_by="o", moment=moment)
    elif hand == 2:
        segmenting.add_members(code="fair", customer_ids=some, decided_by="o", moment=moment)
    elif hand == 3:
        segmenting.remove_members(code="fair", customer_ids=some[:4], decided_by="o", moment=moment)
    else:
        segmenting.refresh_marked(moment=moment)


def test_counts_events_and_hands_at_once_leave_members_that_are_true() -> None:
    people = [make_customer(key=f"c{number}").pk for number in range(60)]
    wanted = {"match": "all", "rules": [{"kind": "tag", "values": ["vip"]}]}
    outside = {"match": "all", "rules": [{"kind": "segment", "values": ["fair"], "not": True}]}
    for segment in (
        NewSegment(code="fair", name="Tea fair", kind="list", rules={}, member_tag="fair"),
        NewSegment(code="vips", name="VIPs", kind="rules", rules=wanted),
        NewSegment(code="not-at-fair", name="Not at the fair", kind="rules", rules=outside),
    ):
        segmenting.create_segment(segment=segment, decided_by="owner", moment=NOW)

    at_once(lambda hand: [take_turn(hand, turn, people) for turn in range(6)], hands=6)
    segmenting.refresh_marked(moment=NOW + dt.timedelta(minutes=1))

    vips = set(SegmentMember.objects.filter(segment__code="vips").values_list("customer_id", flat=True))
    assert vips == set(people[:42])
    at_fair = set(SegmentMember.objects.filter(segment__code="fair").values_list("customer_id", flat=True))
    others = set(SegmentMember.objects.filter(segment__code="not-at-fair").values_list("customer_id", flat=True))
    assert at_fair
    assert others == set(people) - at_fair
    counted = Segment.objects.annotate(rows=Count("members__customer_id")).values_list("code", "members_count", "rows")
    assert {code: count for code, count, _ in counted} == {code: rows for code, _, rows in counted}
    # What came less what went is what there is.
    for day in SegmentDay.objects.select_related("segment"):
        assert day.came_count - day.left_count == day.members_count == day.segment.members_count
    assert all(
        [row.tag for row in profile.list_tags(customer_id=one) if row.is_given] == ["fair"] for one in sorted(at_fair)
    )
