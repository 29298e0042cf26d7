"""Past nights of a small shop taken again: nothing of their future gets in, and nothing is done twice."""

import datetime as dt

import pytest
from polars.testing import assert_frame_equal

from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.planning.models import ReplayNight
from reorder.flows.replay import BadReplayDays, ReplayReport, run_replay
from reorder.flows.replay.nights import replay_night
from tests.factories.shop import AS_OF, NIGHT_AT

pytestmark = pytest.mark.usefixtures("shop")
FROM, UNTIL = dt.date(2026, 10, 1), dt.date(2026, 11, 11)


def replayed(*, seen: list[dt.date] | None = None, moment: dt.datetime = NIGHT_AT, **given: object) -> ReplayReport:
    settings: dict[str, object] = {"from_date": FROM, "until_date": UNTIL, "every_days": 14, "today": AS_OF}

    def told(night: dt.date | None, done: int, total: int) -> None:
        if seen is not None and night:
            seen.append(night)

    return run_replay(**(settings | given), now=lambda: moment, told=told)


def test_every_night_is_judged_and_stock_is_walked() -> None:
    seen: list[dt.date] = []

    report = replayed(seen=seen)

    assert seen == [dt.date(2026, 10, 1), dt.date(2026, 10, 15), dt.date(2026, 10, 29)]
    assert [night.as_of for night in report.nights] == seen
    assert report.suspicious_nights == []
    assert report.units > 0
    assert report.stock is not None
    assert report.stock.series > 10
    assert report.stock.fill_rate is not None
    assert 0.8 < report.stock.fill_rate <= 1
    assert report.bought == []


def test_a_second_replay_takes_no_night_again_until_orders_change() -> None:
    replayed()
    later = NIGHT_AT + dt.timedelta(hours=1)

    replayed(moment=later)
    kept = set(ReplayNight.objects.values_list("made_at", flat=True))
    Order.objects.filter(ordered_at__date=dt.date(2026, 10, 20)).update(state="cancelled")
    replayed(moment=later)

    assert kept == {NIGHT_AT}
    assert set(ReplayNight.objects.values_list("made_at", flat=True)) == {later}


def test_a_night_decides_the_same_when_its_future_does_not_exist() -> None:
    night = dt.date(2026, 10, 15)
    before = replay_night(as_of=night, until=UNTIL, horizon_days=28)
    future = Order.objects.filter(ordered_at__gte=dt.datetime(2026, 10, 14, 16, tzinfo=dt.UTC))
    count = OrderLine.objects.filter(order__in=future).delete()[0]
    future.delete()

    after = replay_night(as_of=night, until=UNTIL, horizon_days=28)

    assert count > 100
    assert_frame_equal(before.targets, after.targets)
    assert after.figures["forecast"]["units"] == 0
    # Joined with other sales the same days are summed in another order.
    assert after.figures["forecast"]["forecast_units"] == pytest.approx(
        before.figures["forecast"]["forecast_units"], rel=1e-12
    )


def test_days_that_cannot_be_replayed_are_explained() -> None:
    for given, reason in (
        ({"until_date": dt.date(2026, 12, 31)}, "the last day with orders is 2026-11-22"),
        ({"from_date": dt.date(2026, 7, 1)}, "orders begin on 2026-06-26"),
        ({"until_date": dt.date(2026, 10, 3)}, "it needs 7 days or more"),
        ({"every_days": 0}, "every 0 days is not between 1 and 90"),
    ):
        with pytest.raises(BadReplayDays, match=reason):
            replayed(**given)
