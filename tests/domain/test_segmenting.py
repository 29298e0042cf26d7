"""Moves between segments: one a customer and day, a night again writes its day anew, days gone by stay."""

import datetime as dt

import pytest

from reorder.domain.planning import operations, segmenting
from reorder.domain.planning.models import SegmentMove
from reorder.domain.planning.segmenting import CountedMoves, CustomerMove, settle_moves
from tests.factories.messaging import make_customer, make_run
from tests.factories.segments import see

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 22)


def day(ahead: int) -> dt.date:
    return DAY + dt.timedelta(days=ahead)


def recorded() -> list[tuple[str, dt.date, str, str]]:
    moves = SegmentMove.objects.order_by("date", "customer__key")
    return list(moves.values_list("customer__key", "date", "from_segment", "to_segment"))


def test_whoever_is_seen_first_comes_from_nowhere_and_who_stays_does_not_move() -> None:
    run, mei, ann = make_run(), make_customer(key="mei"), make_customer(key="ann")

    assert see(run=run, date=DAY, segments={mei: "loyal", ann: "new"}) == 2
    assert see(run=run, date=day(1), segments={mei: "at_risk", ann: "new"}) == 1

    assert recorded() == [
        ("ann", DAY, "", "new"),
        ("mei", DAY, "", "loyal"),
        ("mei", day(1), "loyal", "at_risk"),
    ]


def test_a_night_that_is_run_again_doubles_nothing() -> None:
    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=DAY, segments={mei: "loyal"})
    see(run=run, date=day(1), segments={mei: "at_risk"})

    assert see(run=run, date=day(1), segments={mei: "at_risk"}) == 1

    assert recorded() == [("mei", DAY, "", "loyal"), ("mei", day(1), "loyal", "at_risk")]


def test_a_night_again_with_other_orders_corrects_its_own_day() -> None:
    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=DAY, segments={mei: "loyal"})
    see(run=run, date=day(1), segments={mei: "at_risk"})

    assert see(run=run, date=day(1), segments={mei: "loyal"}) == 0

    assert recorded() == [("mei", DAY, "", "loyal")]


def test_a_night_of_a_day_gone_by_changes_no_history() -> None:
    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=DAY, segments={mei: "loyal"})
    see(run=run, date=day(5), segments={mei: "at_risk"})

    assert see(run=run, date=day(2), segments={mei: "champions"}) == 0

    assert recorded() == [("mei", DAY, "", "loyal"), ("mei", day(5), "loyal", "at_risk")]


def test_who_went_and_came_back_counts_as_nowhere_and_a_detour_as_one_way() -> None:
    run, mei, ann, jun = make_run(), make_customer(key="mei"), make_customer(key="ann"), make_customer(key="jun")
    see(run=run, date=DAY, segments={mei: "loyal", ann: "loyal"})
    see(run=run, date=day(1), segments={mei: "needs_attention", ann: "needs_attention", jun: "new"})
    see(run=run, date=day(2), segments={mei: "loyal", ann: "at_risk", jun: "new"})

    assert segmenting.count_moves(since=DAY) == [CountedMoves("", "new", 1), CountedMoves("loyal", "at_risk", 1)]


def test_the_customers_of_a_cell_come_by_worth_and_page_by_page() -> None:
    run = make_run()
    people = {make_customer(key=f"c{number}"): "loyal" for number in range(3)}
    see(run=run, date=DAY, segments=people)
    see(run=run, date=day(1), segments=dict.fromkeys(people, "at_risk"))

    first = segmenting.list_moved(since=DAY, from_segment="loyal", to_segment="at_risk", after=None, limit=2)
    place = (first[-1].expected_value, first[-1].customer_id)
    second = segmenting.list_moved(since=DAY, from_segment="loyal", to_segment="at_risk", after=place, limit=2)

    assert [(one.key, one.from_segment, one.to_segment) for one in [*first, *second]] == [
        (f"c{number}", "loyal", "at_risk") for number in range(3)
    ]
    assert {one.last_moved_date for one in first} == {day(1)}
    assert segmenting.list_moved(since=DAY, from_segment="lost", to_segment=None, after=None, limit=2) == []


def test_moves_of_a_day_and_later_come_by_day() -> None:
    run, mei = make_run(), make_customer(key="mei")
    for ahead, name in enumerate(("loyal", "at_risk", "lost")):
        see(run=run, date=day(ahead), segments={mei: name})

    first = segmenting.list_moves(since=day(1), after=None, limit=1)
    second = segmenting.list_moves(since=day(1), after=(first[0].date, first[0].id), limit=5)

    assert [(one.date, one.from_segment, one.to_segment) for one in [*first, *second]] == [
        (day(1), "loyal", "at_risk"),
        (day(2), "at_risk", "lost"),
    ]


def test_what_a_night_leaves_is_read_again_as_it_was_counted() -> None:
    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=DAY, segments={mei: "loyal"})
    see(run=run, date=day(1), segments={mei: "at_risk"})

    kept = segmenting.read_overview(details=segmenting.count_overview(as_of_date=day(1)))

    assert kept is not None
    assert list(kept.cells) == segmenting.count_segments()
    assert kept.moves == {7: [CountedMoves("", "at_risk", 1)], 30: [CountedMoves("", "at_risk", 1)]}


@pytest.mark.parametrize("details", [{}, {"segment_cells": 3}, {"segment_cells": [[1]], "segment_moves": {}}])
def test_what_cannot_be_read_is_as_if_nothing_was_left(details: dict[str, object]) -> None:
    assert segmenting.read_overview(details=details) is None


def test_moves_of_a_merged_record_are_forgotten() -> None:
    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=DAY, segments={mei: "loyal"})

    operations.forget_customer(customer_id=mei.pk)

    assert recorded() == []


def move(ahead: int, one: str, other: str) -> CustomerMove:
    return CustomerMove(id=ahead, date=day(ahead), from_segment=one, to_segment=other)


def test_only_moves_that_lasted_a_week_are_told() -> None:
    moves = [
        move(30, "champions", "loyal"),
        move(12, "loyal", "champions"),
        move(11, "champions", "loyal"),
        move(10, "loyal", "champions"),
        move(0, "", "loyal"),
    ]

    assert settle_moves(moves=moves) == [move(30, "champions", "loyal"), move(12, "loyal", "champions")]


def test_to_and_fro_that_ends_where_it_began_is_not_told() -> None:
    moves = [move(11, "champions", "loyal"), move(10, "loyal", "champions"), move(0, "", "loyal")]

    assert settle_moves(moves=moves) == []
