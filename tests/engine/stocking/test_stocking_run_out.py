"""The day on which stock ends, counted by hand."""

import datetime as dt

from reorder.engine.stocking import foresee_run_out

MONDAY = dt.date(2026, 11, 23)


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number - 1)


def test_stock_ends_on_the_day_that_wants_the_last_unit() -> None:
    # Two a day: 5 units are gone in the course of the third day.
    found = foresee_run_out(
        free_units=5, arrivals={}, mean_units=[2.0] * 7, deviation_units=[0.0] * 7, first_date=MONDAY
    )
    assert (found.expected_date, found.early_date, found.late_date) == (day(3), day(3), day(3))


def test_goods_that_arrive_before_put_it_off() -> None:
    found = foresee_run_out(
        free_units=5, arrivals={day(2): 4.0}, mean_units=[2.0] * 7, deviation_units=[0.0] * 7, first_date=MONDAY
    )
    assert found.expected_date == day(5)


def test_goods_that_arrive_too_late_do_not_save_it() -> None:
    found = foresee_run_out(
        free_units=5, arrivals={day(4): 40.0}, mean_units=[2.0] * 7, deviation_units=[0.0] * 7, first_date=MONDAY
    )
    assert found.expected_date == day(3)


def test_what_should_have_come_already_counts_from_the_first_day() -> None:
    found = foresee_run_out(
        free_units=0, arrivals={day(-3): 6.0}, mean_units=[2.0] * 7, deviation_units=[0.0] * 7, first_date=MONDAY
    )
    assert found.expected_date == day(3)


def test_beyond_the_plan_its_last_week_goes_on() -> None:
    found = foresee_run_out(
        free_units=31, arrivals={}, mean_units=[0.0] * 7 + [1.0] * 7, deviation_units=[0.0] * 14, first_date=MONDAY
    )
    assert found.expected_date == day(7 + 31)


def test_early_and_late_day_lie_one_time_in_ten_away() -> None:
    # After n days demand is 10 n ± 1.28 · 5 √n: 100 units end on day 10; early on day 9 (90 + 19), late on day 13.
    found = foresee_run_out(
        free_units=100, arrivals={}, mean_units=[10.0] * 28, deviation_units=[5.0] * 28, first_date=MONDAY
    )
    assert (found.early_date, found.expected_date, found.late_date) == (day(9), day(10), day(13))


def test_stock_of_more_than_a_year_has_no_day() -> None:
    found = foresee_run_out(
        free_units=1000, arrivals={}, mean_units=[1.0] * 28, deviation_units=[0.0] * 28, first_date=MONDAY
    )
    assert (found.early_date, found.expected_date, found.late_date) == (None, None, None)


def test_what_nobody_buys_never_ends() -> None:
    found = foresee_run_out(
        free_units=1, arrivals={}, mean_units=[0.0] * 28, deviation_units=[0.0] * 28, first_date=MONDAY
    )
    assert found.expected_date is None
