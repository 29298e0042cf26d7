"""The cheap methods against published definitions and against statsforecast, a real peer."""

import numpy as np
import pytest

from reorder.engine.demand.classes import classify
from reorder.engine.demand.holt import holt_winters
from reorder.engine.demand.panel import Floats
from reorder.engine.demand.smoothing import Past, adida, croston, imapa, moving_average, seasonal_naive, theta, tsb

INTERMITTENT = [0.0, 0.0, 3.0, 0.0, 1.0, 0.0, 0.0, 0.0, 4.0, 0.0, 2.0, 2.0, 0.0, 0.0, 5.0, 0.0, 0.0, 1.0, 0.0, 0.0] * 3


def past(*rows: list[float]) -> Past:
    units = np.array(rows)
    return Past(units=units, known=np.ones_like(units, dtype=np.bool_))


def flat(forecast: Floats) -> float:
    """The one value of a forecast that is the same every day."""
    assert np.ptp(forecast) == pytest.approx(0.0, abs=1e-12)
    return float(forecast[0, 0])


def test_croston_equals_croston_sba_of_statsforecast() -> None:
    from statsforecast.models import CrostonSBA

    peer = CrostonSBA().forecast(y=np.array(INTERMITTENT), h=1)["mean"][0]

    assert flat(croston(past(INTERMITTENT), 5)) == pytest.approx(float(peer), rel=1e-6)


def test_a_moving_average_is_the_mean_of_four_weeks() -> None:
    assert flat(moving_average(past([100.0] * 10 + [1.0] * 14 + [3.0] * 14), 3)) == pytest.approx(2.0)


def test_seasonal_naive_repeats_last_week_beyond_a_week() -> None:
    made = seasonal_naive(past([9.0] * 7 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), 9)

    assert made[0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1.0, 2.0]


def test_seasonal_naive_steps_over_a_day_out_of_stock() -> None:
    history = past([9.0] * 7 + [1.0, 2.0, 0.0, 4.0, 5.0, 6.0, 7.0])
    history.known[0, 9] = False

    assert seasonal_naive(history, 3)[0].tolist() == [1.0, 2.0, 9.0]


def test_tsb_falls_when_a_product_stops_selling_and_croston_does_not() -> None:
    stopped = past(INTERMITTENT + [0.0] * 120)

    assert flat(tsb(stopped, 1)) < 0.01
    assert flat(croston(stopped, 1)) == pytest.approx(flat(croston(past(INTERMITTENT), 1)))


def test_adida_spreads_a_weekly_sale_over_the_week() -> None:
    assert flat(adida(past(([0.0] * 6 + [14.0]) * 20), 7)) == pytest.approx(2.0)


def test_theta_follows_a_rise_that_smoothing_lags_behind() -> None:
    rising = past([float(day) for day in range(364)])

    assert theta(rising, 28)[0, 27] > theta(rising, 28)[0, 0] > 340.0


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([5.0, 6.0, 5.0, 4.0] * 50, "smooth"),
        ([1.0, 1.0, 1.0, 30.0] * 50, "erratic"),
        ([0.0, 0.0, 3.0, 0.0] * 50, "intermittent"),
        ([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 30.0] * 25, "lumpy"),
        ([5.0] * 179, "short"),
        ([0.0] * 200, "intermittent"),
    ],
)
def test_the_class_follows_how_often_and_how_evenly_it_sells(units: list[float], expected: str) -> None:
    history = past(units)

    made = classify(units=history.units, known=history.known, age_days=np.array([len(units)]))

    assert made.tolist() == [expected]


def test_imapa_of_a_product_sold_every_day_is_its_level() -> None:
    # The longest bucket is one day: plain smoothing.
    daily = [4.0] * 60

    assert flat(imapa(past(daily), 3)) == pytest.approx(4.0)


def test_imapa_averages_the_answers_of_every_bucket_up_to_the_interval() -> None:
    every_third = [0.0, 0.0, 6.0] * 40

    # One day: the sixth weighs α of the last day; two days and three days see 2 a day in the end.
    weights = 0.85 ** np.arange(119, -1, -1)
    one = float(np.array(every_third) @ weights / weights.sum())
    pairs = np.array(every_third).reshape(-1, 2).sum(axis=1)
    two = float(pairs @ weights[-60:] / (2 * weights[-60:].sum()))
    assert flat(imapa(past(every_third), 3)) == pytest.approx((one + two + 2.0) / 3)


def test_holt_winters_follows_a_trend_and_keeps_the_week() -> None:
    week = np.array([0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 2.0])
    level = 20 + 0.2 * np.arange(210)
    units = (level * np.tile(week, 30)).tolist()

    made = holt_winters(past(units), 14)

    expected = (level[-1] + 0.2 * np.arange(1, 15)) * np.tile(week, 2)
    assert made[0] == pytest.approx(expected, rel=0.08)


def test_holt_winters_does_not_take_days_out_of_stock_for_days_without_demand() -> None:
    history = past([6.0] * 100 + [0.0] * 14)
    history.known[0, -14:] = False

    assert holt_winters(history, 7)[0] == pytest.approx([6.0] * 7)
