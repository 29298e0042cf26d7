"""A night records who moved, by the scores that the shop's setting asks for, and once however often it runs."""

import dataclasses
import datetime as dt

import pytest
from django.conf import LazySettings, settings

from reorder.domain.orders import queries as orders
from reorder.domain.planning import segmenting
from reorder.domain.planning.models import CustomerValue, SegmentMove
from reorder.flows.nightly import NightReport
from reorder.flows.nightly.customers import value_customers
from tests.factories.shop import AS_OF

pytestmark = pytest.mark.django_db


def details_of(night: NightReport) -> dict[str, object]:
    return next(dict(step.details) for step in night.steps if step.name == "value_customers")


def test_the_first_night_sees_everybody_and_leaves_the_sums_of_the_page(night: NightReport) -> None:
    moves = SegmentMove.objects.filter(date=AS_OF)
    details = details_of(night)

    assert set(moves.values_list("from_segment", flat=True)) == {""}
    assert moves.count() == CustomerValue.objects.count() == details["moved"]
    kept = segmenting.read_overview(details=details)
    assert kept is not None
    assert sum(cell.count for cell in kept.cells) == CustomerValue.objects.count()


def test_what_is_expected_in_ninety_days_is_less_than_in_a_year(night: NightReport) -> None:
    quarters = CustomerValue.objects.values_list("expected_orders_90", "expected_orders", "expected_value_90")
    assert all(0 < quarter < year for quarter, year, _ in quarters)
    assert any(value > 0 for *_, value in quarters)


def test_the_day_after_records_only_who_moved_and_again_changes_nothing(night: NightReport) -> None:
    before = dict(CustomerValue.objects.values_list("customer_id", "segment"))
    tomorrow = AS_OF + dt.timedelta(days=40)
    lines = orders.frame_order_lines(before_date=AS_OF, time_zone=settings.REORDER.time_zone)

    done = [value_customers(run_id=night.run.id, as_of=tomorrow, order_lines=lines) for _ in range(2)]

    after = dict(CustomerValue.objects.values_list("customer_id", "segment"))
    moved = {who: name for who, name in after.items() if before[who] != name}
    moves = SegmentMove.objects.filter(date=tomorrow)
    assert dict(moves.values_list("customer_id", "to_segment")) == moved
    assert [one.details["moved"] for one in done] == [len(moved), len(moved)]


def test_the_shops_own_cuts_make_its_scores(night: NightReport, settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, rfm_cut_shares=(0.5,))
    lines = orders.frame_order_lines(before_date=AS_OF, time_zone=settings.REORDER.time_zone)

    value_customers(run_id=night.run.id, as_of=AS_OF, order_lines=lines)

    assert set(CustomerValue.objects.values_list("r_score", flat=True)) == {1, 2}
