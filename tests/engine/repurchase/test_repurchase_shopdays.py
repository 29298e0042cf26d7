"""How busy the shop is: weekdays, closed weeks and the new year are taken out of what pairs seem to do."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from reorder.engine.repurchase.purchases import day_number
from reorder.engine.repurchase.shopdays import ShopCalendar, measure_days

START = dt.date(2026, 3, 2)  # a Monday


def shop(visits: list[int], *, start: dt.date = START) -> pl.DataFrame:
    dates = [start + dt.timedelta(days=number) for number in range(len(visits))]
    return pl.DataFrame({"date": dates, "visits_count": visits}).filter(pl.col("visits_count") > 0)


def test_a_shop_that_doubles_on_saturdays_has_a_saturday_factor() -> None:
    weeks = [100, 100, 100, 100, 100, 200, 100] * 12
    cut = day_number(START) + len(weeks)

    known = measure_days(days=shop(weeks), cut=cut, country="US")

    weekdays = known.calendar.weekdays
    assert sum(weekdays) / 7 == pytest.approx(1.0)
    assert weekdays[5] / weekdays[0] == pytest.approx(2.0, rel=0.12)
    assert known.calendar.expected(start=cut, days=7)[5] == weekdays[5]


def test_a_closed_week_weighs_next_to_nothing_afterwards_and_does_not_shape_the_weekdays() -> None:
    visits = [100] * 84
    visits[42:49] = [0] * 7
    cut = day_number(START) + 84

    known = measure_days(days=shop(visits), cut=cut, country="US")

    assert known.factors(start=day_number(START) + 42, days=7).max() < 0.15
    assert known.factors(start=day_number(START) + 49, days=7) == pytest.approx(np.ones(7), abs=0.1)
    assert known.calendar.weekdays == pytest.approx((1.0,) * 7, abs=0.05)


def test_steady_growth_is_no_busy_season() -> None:
    visits = [int(100 * 1.01**number) for number in range(200)]

    known = measure_days(days=shop(visits), cut=day_number(START) + 200, country="US")

    assert known.measured[30:170] == pytest.approx(np.ones(140), abs=0.08)


def test_before_the_first_new_year_of_a_shop_the_usual_course_is_expected() -> None:
    expected = ShopCalendar(country="TW").expected(start=day_number(dt.date(2027, 1, 30)), days=12)

    assert expected.argmax() == 5  # two days before, 4 February
    assert expected.argmin() == 7  # the day itself, 6 February


def test_the_own_new_year_outweighs_the_usual_course() -> None:
    visits = [200] * 120
    new_year = dt.date(2026, 2, 17)
    start = new_year - dt.timedelta(days=60)

    known = measure_days(days=shop(visits, start=start), cut=day_number(start) + 120, country="TW")

    assert known.calendar.kinds["lunar new year +0"] == pytest.approx((200 + 200 * 0.45) / 400, rel=0.02)


def test_a_factor_is_asked_for_before_within_and_after_the_history() -> None:
    known = measure_days(days=shop([100] * 35), cut=day_number(START) + 35, country="US")

    assert known.factors(start=day_number(START) - 5, days=60).shape == (60,)
    assert known.factors(start=day_number(START) + 33, days=4) == pytest.approx(np.ones(4), abs=0.05)


def test_a_shop_of_three_weeks_has_no_rhythm_yet() -> None:
    known = measure_days(days=shop([5, 50] * 10), cut=day_number(START) + 20, country="US")

    assert known.measured.tolist() == [1.0] * 20
    assert known.calendar.weekdays == (1.0,) * 7
