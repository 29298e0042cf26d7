"""When a supplier takes orders and when goods arrive: order days, cut-off, closing days, holidays, working days."""

import datetime as dt

import pytest

from reorder.domain.purchasing.calendar import (
    Closing,
    OrderDay,
    SupplierCalendar,
    arrival_date,
    calendar_of,
    next_order_day,
)

MONDAY = dt.date(2026, 11, 23)
NOON = dt.time(12)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def calendar(*closings: Closing, country: str = "", today: dt.date = MONDAY, **terms: object) -> SupplierCalendar:
    given = {"order_weekdays": (), "delivery_weekdays": (), "cut_off": None, "counts_working_days": False} | terms
    return calendar_of(country=country, closings=closings, today=today, **given)  # type: ignore[arg-type]


def test_a_supplier_without_rules_takes_orders_today_and_delivers_after_the_lead_days() -> None:
    plain = calendar()
    assert next_order_day(calendar=plain, day=MONDAY, time=dt.time(23, 59)) == OrderDay(MONDAY)
    assert arrival_date(calendar=plain, order_date=MONDAY, lead_days=5) == day("2026-11-28")


@pytest.mark.parametrize(
    ("weekdays", "expected"), [((1,), "2026-11-23"), ((2, 5), "2026-11-24"), ((7,), "2026-11-29"), ((), "2026-11-23")]
)
def test_the_next_order_day_is_the_next_agreed_weekday(weekdays: tuple[int, ...], expected: str) -> None:
    found = next_order_day(calendar=calendar(order_weekdays=weekdays), day=MONDAY)
    assert found.date == day(expected)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (dt.time(11, 59), OrderDay(MONDAY)),
        (NOON, OrderDay(day("2026-11-26"), "cut_off")),
        (dt.time(15), OrderDay(day("2026-11-26"), "cut_off")),
        (None, OrderDay(MONDAY)),
    ],
)
def test_from_the_cut_off_on_the_next_order_day_counts(time: dt.time | None, expected: OrderDay) -> None:
    mondays_and_thursdays = calendar(order_weekdays=(1, 4), cut_off=NOON)
    assert next_order_day(calendar=mondays_and_thursdays, day=MONDAY, time=time) == expected


def test_a_cut_off_does_not_move_a_day_on_which_no_orders_are_taken_anyway() -> None:
    thursdays = calendar(order_weekdays=(4,), cut_off=NOON)
    assert next_order_day(calendar=thursdays, day=MONDAY, time=dt.time(15)) == OrderDay(day("2026-11-26"), "weekday")


def test_own_closing_days_are_no_order_days_and_say_why() -> None:
    stocktaking = Closing(MONDAY, day("2026-11-25"), "stocktaking")
    found = next_order_day(calendar=calendar(stocktaking, order_weekdays=(1, 3, 5)), day=MONDAY)
    assert found == OrderDay(day("2026-11-27"), "closed", "stocktaking")


def test_public_holidays_of_the_suppliers_country_are_closing_days() -> None:
    # Lunar New Year 2027 in Taiwan: days off from 4 to 10 February.
    before = day("2027-02-05")
    taiwan = calendar(country="TW", today=before)
    assert next_order_day(calendar=taiwan, day=before).date == day("2027-02-11")
    assert next_order_day(calendar=calendar(country="", today=before), day=before).date == before
    assert next_order_day(calendar=calendar(country="DE", today=before), day=before).date == before


def test_goods_do_not_arrive_on_closing_days() -> None:
    shut = Closing(day("2026-11-28"), day("2026-12-01"))
    assert arrival_date(calendar=calendar(shut), order_date=MONDAY, lead_days=5) == day("2026-12-02")


def test_goods_arrive_on_delivery_weekdays_only() -> None:
    tuesdays = calendar(delivery_weekdays=(2,))
    assert arrival_date(calendar=tuesdays, order_date=MONDAY, lead_days=1) == day("2026-11-24")
    assert arrival_date(calendar=tuesdays, order_date=MONDAY, lead_days=2) == day("2026-12-01")


@pytest.mark.parametrize(
    ("order_date", "lead_days", "expected"),
    [
        ("2026-11-23", 5, "2026-11-30"),  # Monday, five working days: the next Monday
        ("2026-11-27", 1, "2026-11-30"),  # Friday: Saturday and Sunday do not count
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-11-27", 0, "2026-11-27"),
        ("2026-11-23", 4.2, "2026-11-30"),  # a part of a day is a whole one
    ],
)
def test_working_days_leave_weekends_out(order_date: str, lead_days: float, expected: str) -> None:
    working = calendar(counts_working_days=True)
    assert arrival_date(calendar=working, order_date=day(order_date), lead_days=lead_days) == day(expected)


def test_working_days_leave_holidays_out_and_calendar_days_do_not() -> None:
    # Ordered on Wednesday before the Lunar New Year of 2027, which rests from Thursday 4 to Wednesday 10 February.
    ordered = day("2027-02-03")
    working = calendar(country="TW", today=ordered, counts_working_days=True)
    plain = calendar(country="TW", today=ordered)
    assert arrival_date(calendar=working, order_date=ordered, lead_days=2) == day("2027-02-12")
    assert arrival_date(calendar=plain, order_date=ordered, lead_days=2) == day("2027-02-11")


def test_make_up_working_days_count_as_working_days() -> None:
    saturday = day("2026-11-28")
    made_up = SupplierCalendar(counts_working_days=True, worked=frozenset({saturday}))
    assert arrival_date(calendar=made_up, order_date=day("2026-11-27"), lead_days=1) == saturday


def test_a_supplier_who_never_works_is_looked_at_for_a_year_and_no_longer() -> None:
    shut = calendar(Closing(MONDAY, day("2030-01-01"), "gone"))
    assert next_order_day(calendar=shut, day=MONDAY) == OrderDay(day("2027-11-24"), "closed", "gone")
    assert arrival_date(calendar=shut, order_date=MONDAY, lead_days=3) == day("2027-11-27")
