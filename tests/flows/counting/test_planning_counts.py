"""Cycle counts into days: classes by what moved, even days, bins that follow corrected stock."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.inventory.operations import record_moves
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import list_excess
from reorder.domain.warehouse.count_classes import sum_moved_value
from reorder.domain.warehouse.count_models import CountClass, CountTask
from reorder.domain.warehouse.count_policies import get_limits, save_limits
from reorder.domain.warehouse.count_rules import CountLimits
from reorder.domain.warehouse.errors import BadCountPolicy
from reorder.flows.counting import plan_counts
from reorder.flows.counting.errors import BadCount
from reorder.flows.counting.planning import ask_zone, working_days
from reorder.flows.stock_changes import Adjustment, CountedLine, adjust_stock, count_stock
from tests.factories.catalog import make_product
from tests.factories.counting import NOON, OWNER, fill_bin, in_bin, make_bins
from tests.factories.inventory import KEELUNG, MORNING, shipment, stock_at

pytestmark = pytest.mark.django_db(transaction=True)


def test_classes_follow_the_value_that_left_for_customers_within_a_year() -> None:
    oolong, matcha = make_product(unit_cost_minor=100), make_product(sku="MATCHA-30", unit_cost_minor=10)
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=90)
    fill_bin(bin_code="A02", product_id=matcha.pk, units=90)
    record_moves(
        moves=[
            shipment(product_id=oolong.pk, units=20, key="one"),
            shipment(product_id=matcha.pk, units=20, key="two"),
        ]
    )
    moved = sum_moved_value(place_code=KEELUNG, since=MORNING - dt.timedelta(days=1), until=NOON)
    assert moved == {oolong.pk: 2000, matcha.pk: 200}
    (planned,) = plan_counts(moment=NOON)
    assert (planned.place_code, planned.classed_count) == (KEELUNG, 2)
    # The first 91 % of the value are A's; the one after them begins beyond 80 % and is B.
    assert dict(CountClass.objects.values_list("product__sku", "abc_class")) == {"OOLONG-150": "A", "MATCHA-30": "B"}


def test_planning_twice_plans_once_and_no_day_has_more_than_its_load() -> None:
    make_bins(codes=[f"B{number:03}" for number in range(400)])
    plan_counts(moment=NOON)
    first = list(CountTask.objects.order_by("due_on").values_list("due_on", flat=True))
    # 400 empty bins are C: each once in 365 days, so two a day.
    assert len(first) == 10
    assert [first.count(day) for day in sorted(set(first))] == [2, 2, 2, 2, 2]
    plan_counts(moment=NOON)
    assert CountTask.objects.count() == 10
    plan_counts(moment=NOON + dt.timedelta(days=1))
    assert CountTask.objects.count() == 12


def test_a_zone_is_asked_for_as_a_whole() -> None:
    make_bins()
    assert ask_zone(place_code=KEELUNG, zone_code="PICK", actor=OWNER, moment=NOON) == 3
    assert ask_zone(place_code=KEELUNG, zone_code="PICK", actor=OWNER, moment=NOON) == 0
    with pytest.raises(BadCount):
        ask_zone(place_code=KEELUNG, zone_code="NONE", actor=OWNER, moment=NOON)
    elsewhere = Actor(name="kai", abilities=OWNER.abilities, place_codes=frozenset({"KAOHSIUNG"}))
    with pytest.raises(BadCount):
        ask_zone(place_code=KEELUNG, zone_code="PICK", actor=elsewhere, moment=NOON)


def test_working_days_leave_out_the_others() -> None:
    friday = dt.date(2026, 11, 27)
    assert working_days(today=friday, weekdays=(1, 2, 3, 4, 5), count=3) == [
        friday,
        dt.date(2026, 11, 30),
        dt.date(2026, 12, 1),
    ]


def test_a_correction_by_hand_takes_goods_out_of_bins_and_has_those_counted() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=4)
    fill_bin(bin_code="A02", product_id=oolong.pk, units=8, key="more")
    adjust_stock(
        lines=[Adjustment(sku="OOLONG-150", place_code=KEELUNG, change_units=Decimal(-5))],
        reason="broken",
        change_key="one",
        actor=OWNER,
        moment=NOON,
    )
    # The emptiest bin gives first, so that few are left half wrong.
    assert (in_bin(bin_code="A01", sku="OOLONG-150"), in_bin(bin_code="A02", sku="OOLONG-150")) == (0, 7)
    assert list_excess(place_code=KEELUNG) == []
    found = set(CountTask.objects.values_list("bin__code", "cause", "state"))
    assert found == {("A01", "follow", "open"), ("A02", "follow", "open")}


def test_a_count_of_the_whole_place_follows_into_the_bins() -> None:
    oolong = make_product()
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=4)
    count_stock(
        lines=[CountedLine(sku="OOLONG-150", place_code=KEELUNG, units=Decimal(1))],
        change_key="whole",
        actor=OWNER,
        moment=NOON,
    )
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (1, 1)
    assert CountTask.objects.get().cause == "follow"


def test_rules_of_a_place_are_kept_and_nonsense_is_refused_with_the_reason() -> None:
    make_bins()
    save_limits(place_code=KEELUNG, limits=CountLimits(a_days=7, book_minor=100), decided_by="owner")
    assert get_limits(place_code=KEELUNG) == CountLimits(a_days=7, book_minor=100)
    assert get_limits(place_code="ELSEWHERE") == CountLimits()
    for limits in (
        CountLimits(a_days=0),
        CountLimits(a_days=40, b_days=30),
        CountLimits(a_value_share=Decimal("0.9"), b_value_share=Decimal("0.8")),
        CountLimits(book_units=Decimal(-1)),
        CountLimits(book_minor=200_001),
    ):
        with pytest.raises(BadCountPolicy):
            save_limits(place_code=KEELUNG, limits=limits, decided_by="owner")
