"""Rules of counting without a database: verdicts, classes, even days."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.warehouse.count_rules import (
    BinToCount,
    CountLimits,
    Variance,
    class_products,
    daily_load,
    judge_count,
    spread_counts,
)

LIMITS = CountLimits()
MONDAY = dt.date(2026, 11, 23)


def variance(units: str, *, of: str = "100", money_minor: int | None = None) -> Variance:
    return Variance(units=Decimal(units), expected_units=Decimal(of), money_minor=money_minor)


@pytest.mark.parametrize(
    ("given", "can_recount", "verdict"),
    [
        ([], True, "exact"),
        ([variance("0")], True, "exact"),
        ([variance("-2")], True, "book"),
        ([variance("2", money_minor=50_000)], True, "book"),
        ([variance("-2", money_minor=-50_001)], True, "wait"),
        ([variance("-3")], True, "wait"),
        ([variance("-6")], True, "recount"),
        ([variance("-6")], False, "wait"),
        ([variance("-1", money_minor=-200_001)], True, "recount"),
        # One of three is a third, yet one unit is not worth a person's time; two of ten are.
        ([variance("-1", of="3")], True, "book"),
        ([variance("-2", of="10")], True, "recount"),
        # Goods that should not be there at all.
        ([variance("2", of="0")], False, "wait"),
        ([variance("-1"), variance("-6")], True, "recount"),
    ],
)
def test_the_worst_variance_decides(given: list[Variance], can_recount: bool, verdict: str) -> None:
    assert judge_count(variances=given, limits=LIMITS, can_recount=can_recount) == verdict


def test_a_product_is_a_while_those_before_it_moved_less_than_the_share() -> None:
    moved = {1: 700, 2: 200, 3: 60, 4: 30, 5: 10, 6: 0}
    classes = class_products(moved=moved, a_share=Decimal("0.8"), b_share=Decimal("0.95"))
    assert classes == {1: "A", 2: "A", 3: "B", 4: "C", 5: "C", 6: "C"}
    assert class_products(moved={}, a_share=Decimal("0.8"), b_share=Decimal("0.95")) == {}


def bins(a: int, b: int, c: int) -> list[BinToCount]:
    return [
        BinToCount(bin_code=f"{abc}{number:03}", abc_class=abc, counted_on=None)
        for abc, count in (("A", a), ("B", b), ("C", c))
        for number in range(count)
    ]


def test_a_day_takes_what_makes_every_class_come_round() -> None:
    # 30/30 + 91/91 + 365/365 = 3 a calendar day; on five days a week 4.2, so 5.
    assert daily_load(bins=bins(30, 91, 365), limits=LIMITS, workdays_a_week=7) == 3
    assert daily_load(bins=bins(30, 91, 365), limits=LIMITS, workdays_a_week=5) == 5
    assert daily_load(bins=[], limits=LIMITS, workdays_a_week=5) == 0


def test_over_a_year_every_class_comes_round_and_no_day_has_more_than_the_load() -> None:
    counted: dict[str, list[dt.date]] = {}
    known = {one.bin_code: one for one in bins(25, 80, 300)}
    load = daily_load(bins=list(known.values()), limits=LIMITS, workdays_a_week=7)
    for day in (MONDAY + dt.timedelta(days=number) for number in range(2 * 365)):
        planned = spread_counts(bins=list(known.values()), days=[day], limits=LIMITS, workdays_a_week=7)
        assert len(planned) <= load
        for one in planned:
            counted.setdefault(one.bin_code, []).append(day)
            known[one.bin_code] = BinToCount(bin_code=one.bin_code, abc_class=one.abc_class, counted_on=day)
    second_year = MONDAY + dt.timedelta(days=365)
    of_class = {
        abc: min(len([day for day in days if day >= second_year]) for code, days in counted.items() if code[0] == abc)
        for abc in "ABC"
    }
    # A monthly, B quarterly, C yearly, each bin of them.
    assert of_class["A"] >= 12
    assert of_class["B"] >= 4
    assert of_class["C"] >= 1


def test_what_was_just_counted_is_left_alone_and_taken_days_get_no_more() -> None:
    fresh = [BinToCount(bin_code="A1", abc_class="A", counted_on=MONDAY - dt.timedelta(days=14))]
    assert spread_counts(bins=fresh, days=[MONDAY], limits=LIMITS, workdays_a_week=7) == []
    due = [BinToCount(bin_code="A1", abc_class="A", counted_on=MONDAY - dt.timedelta(days=15))]
    assert [one.due_on for one in spread_counts(bins=due, days=[MONDAY], limits=LIMITS, workdays_a_week=7)] == [MONDAY]
    taken = {MONDAY: 1}
    assert spread_counts(bins=due, days=[MONDAY], limits=LIMITS, workdays_a_week=7, taken=taken) == []
