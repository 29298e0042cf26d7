"""Two people at one order at once, with connections of their own: one is first, nothing is half, no unit is lost."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.inventory.models import Allocation, Move
from reorder.domain.orders.models import Order, OrderEvent, OrderStep
from reorder.flows import fulfil
from reorder.flows.fulfil import LineCut, OrderChanges, timely
from reorder.kernel.errors import ReorderError
from tests.factories.order_life import LATER, ledger_agrees, level, parcel_of, placed, released, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(work: Callable[[], Any]) -> str:
    try:
        work()
    except ReorderError as fault:
        return fault.code
    return "done"


def race(*works: Callable[[], Any]) -> list[str]:
    return at_once(lambda hand: outcome(works[hand]), hands=len(works))


def cancel(order_id: int) -> Callable[[], Any]:
    return lambda: fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER)


def release(order_id: int) -> Callable[[], Any]:
    return lambda: fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)


def test_an_order_is_cancelled_or_shipped_and_never_both() -> None:
    stock_up(units=100)
    for number in range(8):
        order_id = released(("OOLONG-150", 2), external_id=f"A-{number}")
        parcel = parcel_of(order_id)

        cancelled, shipped = race(
            cancel(order_id),
            lambda parcel=parcel: fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER),
        )

        assert {state_of(order_id)} <= {"cancelled", "shipped"}
        assert (cancelled == "done", shipped == "done") in {(True, False), (False, True)}
    gone = Move.objects.filter(kind="ship").count()
    assert level() == (100 - 2 * gone, 0)
    assert (Allocation.objects.count(), ledger_agrees()) == (0, True)


def test_a_parcel_is_shipped_once_however_many_scan_it() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    parcel = parcel_of(order_id)

    outcomes = race(
        *[lambda: fulfil.ship_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER) for _ in range(4)]
    )

    assert Counter(outcomes) == {"done": 1, "warehouse.moved_on": 3}
    assert (level(), OrderEvent.objects.filter(kind="shipped").count(), ledger_agrees()) == ((7, 0), 1, True)


def test_an_order_that_several_cancel_is_cancelled_and_refunded_once() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))

    outcomes = race(*[cancel(order_id) for _ in range(4)])
    refunds = at_once(lambda _hand: timely.take_order_steps(moment=LATER), hands=3)

    assert (outcomes, sum(refunds)) == (["done"] * 4, 1)
    assert (OrderEvent.objects.filter(kind="cancelled").count(), OrderStep.objects.count()) == (1, 1)
    assert Order.objects.get().refunded_minor == 135_000
    assert (level(), ledger_agrees()) == ((10, 0), True)


def test_an_order_is_edited_before_it_is_released_or_not_at_all() -> None:
    stock_up(units=100)
    for number in range(6):
        order_id = placed(("OOLONG-150", 2), external_id=f"A-{number}")

        edited, let_go = race(
            lambda order_id=order_id: fulfil.edit_order(
                order_id=order_id,
                changes=OrderChanges(units={"1": Decimal(1)}),
                actor=MERCHANT,
                moment=LATER,
            ),
            release(order_id),
        )

        assert let_go == "done"
        units = sum(one.units for one in Allocation.objects.filter(demand_key__startswith="order_line:"))
        fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
        assert units == (1 if edited == "done" else 2)
        assert edited in {"done", "orders.moved_on"}
    assert (level()[1], Allocation.objects.count(), ledger_agrees()) == (0, 0, True)


def test_an_order_is_merged_or_released_and_keeps_all_its_goods() -> None:
    stock_up(units=100)
    for number in range(6):
        first = placed(("OOLONG-150", 1), external_id=f"A-{number}")
        second = placed(("OOLONG-150", 2), external_id=f"B-{number}")

        merged, let_go = race(
            lambda pair=(second, first): fulfil.merge_orders(order_ids=pair, actor=MERCHANT, moment=LATER),
            release(second),
        )

        assert (merged == "done", let_go == "done") in {(True, False), (False, True)}
        assert level()[1] == 3 * (number + 1)
    assert ledger_agrees()


def test_two_merges_that_share_an_order_do_not_wait_for_each_other_for_ever() -> None:
    stock_up(units=100)
    one, two, three = (placed(("OOLONG-150", 1), external_id=name) for name in "ABC")

    outcomes = race(
        lambda: fulfil.merge_orders(order_ids=[one, two], actor=MERCHANT, moment=LATER),
        lambda: fulfil.merge_orders(order_ids=[three, two], actor=MERCHANT, moment=LATER),
    )

    # The second one finds the shared order gone, or takes it over with what it has taken in.
    assert sorted(outcomes) in (["done", "done"], ["done", "orders.moved_on"])
    live = Order.objects.exclude(state="cancelled")
    assert len(live) == (1 if outcomes == ["done", "done"] else 2)
    assert sum(order.total_minor or 0 for order in live) == sum(order.paid_minor for order in live) == 135_000
    assert (level(), ledger_agrees()) == ((100, 3), True)


def test_a_line_is_cut_or_short_and_its_units_go_back_once() -> None:
    stock_up(units=10)
    order_id = released(("OOLONG-150", 3))
    parcel = parcel_of(order_id)
    from reorder.domain.orders.models import OrderLine

    line = OrderLine.objects.get().pk
    race(
        lambda: fulfil.cancel_lines(
            order_id=order_id,
            cuts=[LineCut(line_key="1", units=Decimal(2))],
            reason="",
            actor=MERCHANT,
            moment=LATER,
        ),
        lambda: fulfil.short_pick(
            fulfilment_id=parcel, order_line_id=line, found_units=Decimal(2), actor=MERCHANT, moment=LATER
        ),
    )

    lost = sum(int(one.units) for one in Move.objects.filter(cause_kind="short_pick"))
    assert level()[0] == 10 - lost
    assert ledger_agrees()


def test_orders_that_want_the_last_units_when_they_are_edited_get_them_once() -> None:
    stock_up(units=12)
    orders = [placed(("OOLONG-150", 2), external_id=f"A-{number}") for number in range(4)]

    outcomes = race(
        *[
            lambda order_id=order_id: fulfil.edit_order(
                order_id=order_id,
                changes=OrderChanges(units={"1": Decimal(4)}),
                actor=MERCHANT,
                moment=LATER,
            )
            for order_id in orders
        ]
    )

    assert Counter(outcomes) == {"done": 2, "fulfil.goods_short": 2}
    assert (level(), ledger_agrees()) == ((12, 12), True)
