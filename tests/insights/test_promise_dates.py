"""What can be promised by a day: exact figures, and no promise that breaks an earlier one."""

import datetime as dt
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.insights.promise_dates import Supply, bundle_units, earliest_day, promisable_units, total_units

TODAY = dt.date(2026, 11, 27)


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def units(supply: Supply, number: int) -> Decimal:
    return promisable_units(supply=supply, day=day(number), today=TODAY)


def test_stock_counts_at_once_and_goods_on_order_from_the_day_they_are_expected() -> None:
    supply = Supply(free=[(None, Decimal(5))], incoming=[(day(3), Decimal(20))])

    assert [units(supply, number) for number in (0, 2, 3, 9)] == [5, 5, 25, 25]


def test_what_was_expected_earlier_and_has_not_come_is_not_promised() -> None:
    supply = Supply(free=[(None, Decimal(5))], incoming=[(day(-1), Decimal(20)), (day(0), Decimal(2))])

    assert units(supply, 4) == 7


def test_goods_on_order_serve_those_who_wait_first() -> None:
    supply = Supply(incoming=[(day(3), Decimal(20))], waiting=[(day(3), Decimal(12)), (None, Decimal(1))])

    assert [units(supply, number) for number in (0, 3)] == [0, 7]


def test_a_promise_for_a_later_day_is_not_sold_before_it() -> None:
    supply = Supply(free=[(None, Decimal(5))], waiting=[(day(10), Decimal(4))])

    assert [units(supply, number) for number in (0, 9, 10)] == [1, 1, 1]


def test_a_later_promise_that_later_goods_cover_takes_nothing_from_today() -> None:
    supply = Supply(free=[(None, Decimal(5))], incoming=[(day(8), Decimal(4))], waiting=[(day(10), Decimal(4))])

    assert [units(supply, number) for number in (0, 8)] == [5, 5]


def test_a_lot_counts_until_it_no_longer_keeps_long_enough() -> None:
    supply = Supply(free=[(day(10), Decimal(3)), (None, Decimal(2))], fresh_days=7)

    assert [units(supply, number) for number in (0, 3, 4)] == [5, 5, 2]


def test_the_last_units_are_kept_until_their_day() -> None:
    supply = Supply(free=[(None, Decimal(5))], kept=[(day(2), Decimal(4))])

    assert [units(supply, number) for number in (0, 1, 2)] == [1, 1, 5]


def test_nothing_leaves_before_its_release() -> None:
    supply = Supply(free=[(None, Decimal(5))], released_from=day(2))

    assert [units(supply, number) for number in (0, 1, 2)] == [0, 0, 5]


def test_of_a_suppliers_stock_only_so_much_counts_as_it_is_trusted() -> None:
    supply = Supply(free=[(None, Decimal(10))], confidence_share=Decimal("0.85"))

    assert units(supply, 0) == Decimal("8.5")


def test_a_bundle_is_as_many_as_its_scarcest_component() -> None:
    there = {1: Decimal(7), 2: Decimal(30)}

    assert bundle_units(units_by_component=there, parts=[(1, Decimal(2)), (2, Decimal(1))]) == 3
    assert bundle_units(units_by_component=there, parts=[(1, Decimal(2)), (3, Decimal(1))]) == 0


def test_the_first_day_on_which_enough_is_there() -> None:
    tea = [
        Supply(free=[(None, Decimal(4))], incoming=[(day(5), Decimal(10))]),
        Supply(free=[(None, Decimal(1))], incoming=[(day(2), Decimal(3))]),
    ]

    def first(wanted: int) -> dt.date | None:
        return earliest_day(
            supplies={1: tea}, parts=[(1, Decimal(1))], units=Decimal(wanted), from_day=TODAY, today=TODAY
        )

    assert [first(wanted) for wanted in (5, 6, 8, 18, 19)] == [day(0), day(2), day(2), day(5), None]


def test_a_bundle_is_ready_when_its_last_component_is() -> None:
    supplies = {
        1: [Supply(incoming=[(day(4), Decimal(2))])],
        2: [Supply(free=[(None, Decimal(1))], incoming=[(day(6), Decimal(3))])],
    }

    def first(bundles: int) -> dt.date | None:
        parts = [(1, Decimal(1)), (2, Decimal(2))]
        return earliest_day(supplies=supplies, parts=parts, units=Decimal(bundles), from_day=TODAY, today=TODAY)

    assert [first(bundles) for bundles in (1, 2, 3)] == [day(6), day(6), None]


_AMOUNT = st.integers(0, 9).map(Decimal)
_WHEN = st.integers(0, 6).map(day)


@given(
    free=_AMOUNT,
    incoming=st.lists(st.tuples(_WHEN, _AMOUNT), max_size=4),
    waiting=st.lists(st.tuples(_WHEN, _AMOUNT), max_size=4),
    asked=_WHEN,
)
@settings(max_examples=150, deadline=None)
def test_promising_all_that_is_available_breaks_no_promise_that_could_be_kept(
    free: Decimal,
    incoming: list[tuple[dt.date, Decimal]],
    waiting: list[tuple[dt.date, Decimal]],
    asked: dt.date,
) -> None:
    supply = Supply(free=[(None, free)], incoming=incoming, waiting=waiting)
    more = promisable_units(supply=supply, day=asked, today=TODAY)

    after = Supply(free=[(None, free)], incoming=incoming, waiting=[*waiting, (asked, more)])

    assert promisable_units(supply=after, day=asked, today=TODAY) == 0
    for when in sorted({when for when, _units in [*incoming, *waiting]}):
        before_units = _net(supply, when)
        assert _net(after, when) >= min(before_units, Decimal(0))
    assert total_units(supplies=[supply, supply], day=asked, today=TODAY) == 2 * more


def _net(supply: Supply, when: dt.date) -> Decimal:
    there = sum((units for _off, units in supply.free), Decimal(0))
    there += sum((units for day_, units in supply.incoming if day_ <= when), Decimal(0))
    return there - sum((units for day_, units in supply.waiting if day_ is not None and day_ <= when), Decimal(0))
