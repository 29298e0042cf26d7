"""Membership: by the event, by the night, in order of what asks what; history, counts, facts and tags follow."""

import datetime as dt

import pytest

from reorder.domain.customers import profile
from reorder.domain.customers.models import Customer, CustomerTag
from reorder.domain.marketing import segments
from reorder.domain.marketing.facts import set_wanted_kinds, take_facts
from reorder.domain.marketing.models import Segment, SegmentDay, SegmentStay
from reorder.domain.marketing.segment_conditions import CONDITIONS
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segment_errors import (
    NotAList,
    RuleNamesUnknown,
    SegmentCodeTaken,
    SegmentInUse,
    SegmentLoop,
)
from reorder.domain.marketing.segment_sql import Said
from reorder.domain.messaging.models import MessageEvent
from reorder.domain.planning.models import DirtyMark
from reorder.flows import segmenting
from reorder.flows.customer_care.merging import merge_customers
from reorder.kernel import clock
from tests.factories.catalog import make_product
from tests.factories.effects import decide_messages
from tests.factories.messaging import buy, make_customer

pytestmark = pytest.mark.django_db
# 10:00 on Friday, 27 November in Taipei.
NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
TODAY = NOW.date()


def later(*, days: int = 0, seconds: int = 0) -> dt.datetime:
    return NOW + dt.timedelta(days=days, seconds=seconds)


def ruled(code: str, *rules: dict[str, object], tag: str = "", match: str = "all") -> NewSegment:
    return NewSegment(
        code=code, name=code.title(), kind="rules", rules={"match": match, "rules": list(rules)}, member_tag=tag
    )


def listed(code: str, *, tag: str = "") -> NewSegment:
    return NewSegment(code=code, name=code.title(), kind="list", rules={}, member_tag=tag)


def make(segment: NewSegment) -> None:
    segmenting.create_segment(segment=segment, decided_by="owner", moment=NOW)


def members(code: str) -> list[str]:
    ids = segments.list_member_ids(code=code)
    return sorted(Customer.objects.filter(pk__in=ids).values_list("key", flat=True))


BOUGHT_LATELY = {"kind": "last_order", "op": "within", "days": 30}


def test_an_order_joins_within_one_drain_and_time_alone_leaves_in_the_night() -> None:
    mei, ann, oolong = make_customer(key="mei"), make_customer(key="ann"), make_product()
    make(ruled("lately", BOUGHT_LATELY))
    segmenting.count_when_due(moment=later(seconds=1))
    set_wanted_kinds(kinds=["entered_segment", "left_segment"])
    assert members("lately") == []

    buy(customer=mei, product=oolong, ordered_at=NOW, number="1")
    segmenting.mark_customers(customer_ids=[mei.pk, ann.pk])
    counted = segmenting.refresh_marked(moment=later(seconds=5))

    assert (counted.customers, counted.came_count, counted.left_count) == (2, 1, 0)
    assert members("lately") == ["mei"]
    assert segments.list_segment_codes_of(customer_ids=[mei.pk, ann.pk]) == {mei.pk: frozenset({"lately"})}
    assert not DirtyMark.objects.filter(kind="segment").exists()
    entered = take_facts(limit=10)
    assert [(one.kind, one.customer_id, one.subject) for one in entered] == [("entered_segment", mei.pk, "lately")]

    # Nothing is due again on the same day; when the thirty days are over the first look of the day takes her out.
    assert segmenting.count_when_due(moment=later(seconds=60)).customers == 0
    assert segmenting.count_when_due(moment=later(days=31)).left_count == 1

    assert members("lately") == []
    assert [(one.kind, one.customer_id) for one in take_facts(limit=10)] == [("left_segment", mei.pk)]
    stay = SegmentStay.objects.get()
    assert (stay.customer_id, stay.since_at, stay.left_at) == (mei.pk, later(seconds=5), later(days=31))
    days = segments.list_days(segment_id=stay.segment_id, since=TODAY)
    assert [(day.date, day.members_count, day.came_count, day.left_count) for day in days] == [
        (TODAY, 1, 1, 0),
        (TODAY + dt.timedelta(days=31), 0, 0, 1),
    ]
    assert segments.count_members(code="lately") == 0


def test_segments_that_ask_others_are_counted_after_them_by_event_and_by_night() -> None:
    mei, ann, oolong = make_customer(key="mei"), make_customer(key="ann"), make_product()
    make(listed("flower-club"))
    make(ruled("lately", BOUGHT_LATELY, tag="fresh"))
    make(ruled("a-both", {"kind": "segment", "values": ["lately"]}, {"kind": "segment", "values": ["flower-club"]}))
    make(ruled("b-by-tag", {"kind": "tag", "values": ["Fresh"]}))
    make(ruled("c-none", {"kind": "segment", "values": ["a-both"], "not": True}))
    segmenting.add_members(code="flower-club", customer_ids=[mei.pk], decided_by="owner", moment=NOW)
    buy(customer=mei, product=oolong, ordered_at=NOW, number="1")
    buy(customer=ann, product=oolong, ordered_at=NOW, number="2")

    counted = segmenting.count_when_due(moment=later(seconds=1))

    assert counted.segments == 4
    wanted = {
        "flower-club": ["mei"],
        "lately": ["ann", "mei"],
        "a-both": ["mei"],
        "b-by-tag": ["ann", "mei"],
        "c-none": ["ann"],
    }
    assert {code: members(code) for code in wanted} == wanted
    assert {one.code: one.members_count for one in segments.list_segments()} == {k: len(v) for k, v in wanted.items()}

    segmenting.remove_members(code="flower-club", customer_ids=[mei.pk], decided_by="owner", moment=NOW)
    segmenting.refresh_marked(moment=later(seconds=2))

    assert members("a-both") == []
    assert members("c-none") == ["ann", "mei"]
    # A night finds nothing to change: what the events left is what a whole count gives.
    again = segmenting.refresh_all(moment=later(seconds=3))
    assert (again.came_count, again.left_count) == (0, 0)


def test_tags_of_members_come_and_go_with_them_and_those_of_people_stay() -> None:
    mei, ann = make_customer(key="mei"), make_customer(key="ann")
    make(listed("tasters", tag="taster"))
    profile.add_tags(customer_ids=[ann.pk], tags=["Taster"], decided_by="owner", moment=NOW)

    segmenting.add_members(code="tasters", customer_ids=[mei.pk, ann.pk], decided_by="owner", moment=NOW)
    assert set(CustomerTag.objects.values_list("customer_id", "added_by")) == {
        (mei.pk, "segment:tasters"),
        (ann.pk, "owner"),
    }

    segmenting.remove_members(code="tasters", customer_ids=[mei.pk, ann.pk], decided_by="owner", moment=NOW)
    assert set(CustomerTag.objects.values_list("customer_id", flat=True)) == {ann.pk}


def test_a_segment_that_would_ask_itself_is_refused_with_the_way_round() -> None:
    make(ruled("one", {"kind": "everybody"}))
    make(ruled("two", {"kind": "segment", "values": ["one"]}))
    make(ruled("three", {"kind": "tag", "values": ["loop"]}))

    with pytest.raises(SegmentLoop, match="one → two → one"):
        segmenting.save_segment(
            segment=ruled("one", {"kind": "segment", "values": ["two"]}), decided_by="owner", moment=NOW
        )
    with pytest.raises(SegmentLoop, match="own-tag → own-tag"):
        make(ruled("own-tag", {"kind": "tag", "values": ["mine"]}, tag="mine"))
    # By a tag: one would give the tag that three asks for, and ask three.
    with pytest.raises(SegmentLoop, match="one → three → one"):
        segmenting.save_segment(
            segment=ruled("one", {"kind": "segment", "values": ["three"]}, tag="loop"), decided_by="owner", moment=NOW
        )
    with pytest.raises(RuleNamesUnknown, match=r"Rule 1: there is no segment nobody"):
        make(ruled("four", {"kind": "segment", "values": ["nobody"]}))
    with pytest.raises(RuleNamesUnknown, match=r"Rule 2.1: there is no product GONE-1"):
        make(
            ruled(
                "four",
                {"kind": "everybody"},
                {"match": "any", "rules": [{"kind": "orders_count", "value": 1, "products": ["GONE-1"]}]},
            )
        )
    with pytest.raises(SegmentCodeTaken):
        make(ruled("one", {"kind": "everybody"}))
    assert Segment.objects.get(code="one").rules == {"match": "all", "rules": [{"kind": "everybody"}]}


def test_what_is_used_stays_and_what_is_not_goes_with_all_its_traces() -> None:
    mei = make_customer(key="mei")
    make(listed("flower-club", tag="flower"))
    make(ruled("wide", {"kind": "segment", "values": ["flower-club"]}))
    segmenting.add_members(code="flower-club", customer_ids=[mei.pk], decided_by="owner", moment=NOW)

    with pytest.raises(SegmentInUse, match="segment Wide"):
        segmenting.delete_segment(code="flower-club", decided_by="owner")
    with pytest.raises(NotAList):
        segmenting.add_members(code="wide", customer_ids=[mei.pk], decided_by="owner", moment=NOW)
    segmenting.delete_segment(code="wide", decided_by="owner")
    segmenting.delete_segment(code="flower-club", decided_by="owner")

    assert segments.list_segments() == []
    assert segments.list_segment_codes_of(customer_ids=[mei.pk]) == {}
    assert not CustomerTag.objects.exists()
    assert not SegmentDay.objects.exists()


def test_new_rules_tell_no_journey_and_a_merged_customer_stands_on_the_lists_of_both() -> None:
    mei, twin, oolong = make_customer(key="mei"), make_customer(key="twin"), make_product()
    set_wanted_kinds(kinds=["entered_segment", "left_segment"])
    make(ruled("buyers", {"kind": "orders_count", "value": 1}))
    make(listed("flower-club"))
    buy(customer=twin, product=oolong, ordered_at=NOW, number="1")
    segmenting.count_when_due(moment=later(seconds=1))
    segmenting.add_members(code="flower-club", customer_ids=[twin.pk], decided_by="owner", moment=later(seconds=2))
    profile.set_attributes(customer_id=twin.pk, values={"taste": "roasted"}, decided_by="owner", moment=NOW)
    assert [one.subject for one in take_facts(limit=10)] == ["flower-club"]

    merge_customers(keep_id=mei.pk, absorb_id=twin.pk, decided_by="owner", moment=later(seconds=3))
    segmenting.refresh_marked(moment=later(seconds=4))

    assert members("flower-club") == ["mei"]
    assert members("buyers") == ["mei"]
    assert {one.code: one.members_count for one in segments.list_segments()} == {"buyers": 1, "flower-club": 1}
    assert [one.value for one in profile.list_attributes(customer_id=mei.pk)] == ["roasted"]
    # Who was erased or merged is found by no rules.
    Customer.objects.filter(pk=mei.pk).update(erased_at=NOW)
    segmenting.refresh_all(moment=later(seconds=5))
    assert segments.count_members(code="buyers") == 0
    assert segments.count_members(code="flower-club") == 0


def test_a_message_that_is_opened_moves_its_reader_within_a_look() -> None:
    mei = make_customer(key="mei")
    make(ruled("readers", {"kind": "message", "what": "opened", "op": "at_least", "value": 1, "days": 30}))
    segmenting.count_when_due(moment=later(seconds=1))
    opened_at = clock.current_moment()
    (message,) = decide_messages(customers=[mei], decided_at=NOW)
    MessageEvent.objects.create(message=message, kind="opened", happened_at=opened_at, key="m1-opened")

    segmenting.refresh_marked(moment=opened_at + dt.timedelta(seconds=2))

    assert members("readers") == ["mei"]


def test_rules_that_the_database_cannot_answer_hold_nobody_else_up(monkeypatch: pytest.MonkeyPatch) -> None:
    mei = make_customer(key="mei")
    make(ruled("all", {"kind": "everybody"}))
    make(ruled("broken", {"kind": "paused"}))
    Segment.objects.create(
        code="from-tomorrow",
        name="Of another version",
        kind="rules",
        rules={"what": "?"},
        created_by="o",
        changed_by="o",
    )
    monkeypatch.setitem(CONDITIONS, "paused", lambda _builder, _condition: Said("1 / (c.id - c.id) = 1"))

    segmenting.count_when_due(moment=later(seconds=1))

    assert members("all") == ["mei"]
    assert segments.get_segment(code="broken").fault == "division by zero"
    segmenting.mark_customers(customer_ids=[mei.pk])
    assert segmenting.refresh_marked(moment=later(seconds=2)).customers == 1
    # Nothing asks for them every five minutes; the next whole count tries again.
    assert segmenting.count_when_due(moment=later(seconds=3)).customers == 0
    monkeypatch.undo()
    segmenting.count_when_due(moment=later(days=1))
    broken = segments.get_segment(code="broken")
    assert (broken.fault, broken.counted_at) == ("", later(days=1))
