"""Promises at the edges where two meet: real connections, a chosen order, and never a unit twice."""

import dataclasses
import datetime as dt
import os
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection, transaction

from reorder.domain.inventory import allocating, intake, operations, queries
from reorder.domain.inventory.allocating import Settled, Wanted
from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.models import Allocation, Hold, Level
from tests.factories.catalog import make_product
from tests.factories.interleaving import meet
from tests.factories.inventory import KEELUNG, MORNING, make_place, opening
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TAINAN = "TAINAN"
UNTIL = MORNING + dt.timedelta(minutes=10)
ORDERS_A_HAND = 400 if os.environ.get("REORDER_TEST_FULL") else 40


def stocked(units: int, *, sku: str = "OOLONG-150", lot: str = "") -> int:
    make_place()
    product = make_product(sku=sku)
    operations.record_moves(moves=[opening(product_id=product.pk, units=units, lot=lot)])
    return int(product.pk)


def want(product_id: int, units: int, *, key: str = "order_line:1", place: str = KEELUNG) -> Wanted:
    return Wanted(demand_key=key, product_id=product_id, place_code=place, units=Decimal(units))


def allocate(*lines: Wanted, key: str = "a", hold_key: str = "") -> allocating.Promise:
    with transaction.atomic():
        return allocating.allocate_units(
            wanted=lines, key=key, cause_kind="order", cause_key="1", moment=MORNING, hold_key=hold_key
        )


def hold(*lines: Wanted, key: str = "cart:7", until: dt.datetime = UNTIL) -> allocating.Promise:
    with transaction.atomic():
        return allocating.hold_units(hold_key=key, wanted=lines, moment=MORNING, expires_at=until)


def settle(kind: allocating.SettleKind, product_id: int, *, key: str = "order_line:1") -> int:
    with transaction.atomic():
        moved = allocating.settle_units(
            kind=kind,
            settled=[Settled(demand_key=key, product_id=product_id)],
            key=kind,
            cause_kind="order",
            cause_key="1",
            moment=MORNING,
        )
    return int(sum(one.units for one in moved))


def sweep() -> int:
    with transaction.atomic():
        return allocating.drop_expired_holds(moment=MORNING)


def level() -> tuple[int, int, int]:
    found = Level.objects.get(lot="", location__code=f"stock:{KEELUNG}")
    assert queries.compare_ledger_with_levels() == []
    return int(found.on_hand_units), int(found.allocated_units), int(found.held_units)


def test_two_orders_meet_at_the_last_unit_and_one_gets_it() -> None:
    oolong = stocked(1)

    met = meet(
        first=lambda: allocate(want(oolong, 1)),
        second=lambda: allocate(want(oolong, 1, key="order_line:2"), key="b"),
    )

    assert met.waited
    assert [len(met.first.taken), len(met.second.taken)] == [1, 0]
    assert [one.free_units for one in met.second.short] == [0]
    assert level() == (1, 1, 0)


def test_the_second_gets_the_last_unit_when_the_first_is_undone() -> None:
    oolong = stocked(1)

    met = meet(
        first=lambda: allocate(want(oolong, 1)),
        second=lambda: allocate(want(oolong, 1, key="order_line:2"), key="b"),
        first_is_undone=True,
    )

    assert (met.waited, len(met.second.taken)) == (True, 1)
    assert list(Allocation.objects.values_list("demand_key", flat=True)) == ["order_line:2"]
    assert level() == (1, 1, 0)


def test_an_order_waits_for_the_sweeper_and_gets_what_it_gave_back() -> None:
    oolong = stocked(5)
    hold(want(oolong, 4), until=MORNING)

    met = meet(first=sweep, second=lambda: allocate(want(oolong, 5)))

    assert (met.waited, met.first, len(met.second.taken)) == (True, 1, 1)
    assert level() == (5, 5, 0)


def test_the_sweeper_finds_nothing_where_an_order_took_the_hold_over() -> None:
    oolong = stocked(5)
    hold(want(oolong, 4), until=MORNING)

    met = meet(first=lambda: allocate(want(oolong, 5)), second=sweep)

    assert met.second == 0
    assert level() == (5, 5, 0)


def test_an_order_takes_its_carts_hold_while_the_sweeper_wants_it() -> None:
    oolong = stocked(5)
    hold(want(oolong, 4), until=MORNING)

    met = meet(first=lambda: allocate(want(oolong, 4), hold_key="cart:7"), second=sweep)

    assert (len(met.first.taken), met.second) == (1, 0)
    assert level() == (5, 4, 0)


def test_a_cart_that_is_held_twice_at_once_holds_what_came_last() -> None:
    oolong = stocked(5)

    met = meet(first=lambda: hold(want(oolong, 2)), second=lambda: hold(want(oolong, 3)))

    assert (met.waited, len(met.second.taken)) == (True, 1)
    assert [int(one.units) for one in Hold.objects.all()] == [3]
    assert level() == (5, 0, 3)


def test_a_cart_that_is_held_twice_without_its_lock_stays_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    oolong = stocked(9)
    monkeypatch.setattr(allocating, "take_transaction_locks", lambda *, names: None)

    meet(first=lambda: hold(want(oolong, 2)), second=lambda: hold(want(oolong, 3)))

    assert sum(int(one.units) for one in Hold.objects.all()) == level()[2]


def test_an_order_that_meets_its_own_cart_being_held_again_promises_nothing_twice() -> None:
    oolong = stocked(5)
    hold(want(oolong, 2))

    met = meet(
        first=lambda: hold(want(oolong, 4)), second=lambda: allocate(want(oolong, 5), hold_key="cart:7", key="b")
    )

    assert met.waited
    assert len(met.second.taken) == 1
    assert level() == (5, 5, 0)


def test_a_count_that_finds_less_than_is_being_promised_is_refused() -> None:
    oolong = stocked(5)

    def count() -> str:
        counted = intake.StockCount(product_id=oolong, place_code=KEELUNG, units=Decimal(3))
        try:
            with transaction.atomic():
                intake.record_counts(counts=[counted], cause_key="count-1", happened_at=MORNING)
        except NotEnoughStock as fault:
            return fault.code
        return "counted"

    met = meet(first=lambda: allocate(want(oolong, 4)), second=count)

    assert (met.waited, met.second) == (True, "inventory.not_enough_stock")
    assert level() == (5, 4, 0)


def test_an_order_sees_the_count_that_it_waited_for() -> None:
    oolong = stocked(5)

    def count() -> int:
        counted = intake.StockCount(product_id=oolong, place_code=KEELUNG, units=Decimal(3))
        with transaction.atomic():
            return intake.record_counts(counts=[counted], cause_key="count-1", happened_at=MORNING).moves_count

    met = meet(first=count, second=lambda: allocate(want(oolong, 4)))

    assert met.waited
    assert [one.free_units for one in met.second.short] == [3]
    assert level() == (3, 0, 0)


def test_goods_that_are_shipped_cannot_be_given_back_too() -> None:
    oolong = stocked(5)
    allocate(want(oolong, 4))

    met = meet(first=lambda: settle("ship", oolong), second=lambda: settle("release", oolong))

    assert (met.waited, met.first, met.second) == (True, 4, 0)
    assert level() == (1, 0, 0)


def test_goods_that_are_given_back_cannot_be_shipped_too() -> None:
    oolong = stocked(5)
    allocate(want(oolong, 4))

    met = meet(first=lambda: settle("release", oolong), second=lambda: settle("ship", oolong))

    assert (met.waited, met.first, met.second) == (True, 4, 0)
    assert level() == (5, 0, 0)


def test_a_pick_that_meets_a_release_moves_nothing_twice() -> None:
    oolong = stocked(5)
    allocate(want(oolong, 4))

    met = meet(first=lambda: settle("pick", oolong), second=lambda: settle("release", oolong))

    assert (met.first, met.second) == (4, 4)
    assert level() == (5, 0, 0)


def test_an_order_gets_the_units_of_the_receipt_that_it_waited_for() -> None:
    oolong = stocked(1)

    def receive() -> int:
        more = opening(product_id=oolong, units=4, key="delivery")
        return operations.record_moves(moves=[more]).recorded_count

    met = meet(first=receive, second=lambda: allocate(want(oolong, 5)))

    assert (met.waited, len(met.second.taken)) == (True, 1)
    assert level() == (5, 5, 0)


def test_a_new_lot_that_is_not_there_yet_is_not_promised() -> None:
    oolong = stocked(1)

    def receive() -> int:
        lot = dataclasses.replace(opening(product_id=oolong, units=4, lot="NEW", key="delivery"))
        return operations.record_moves(moves=[lot]).recorded_count

    met = meet(first=receive, second=lambda: allocate(want(oolong, 5)), first_is_undone=True)

    assert [one.free_units for one in met.second.short] == [1]
    assert level() == (1, 0, 0)


def test_two_orders_with_their_lines_crossed_do_not_wait_in_a_ring() -> None:
    oolong, matcha = stocked(500), stocked(500, sku="MATCHA-30")

    def order(hand: int) -> int:
        taken = 0
        for number in range(30):
            lines = [
                want(oolong, 1, key=f"order_line:{hand}-{number}-o"),
                want(matcha, 1, key=f"order_line:{hand}-{number}-m"),
            ]
            taken += len(allocate(*(lines if hand % 2 else lines[::-1]), key=f"{hand}-{number}").taken)
        return taken

    assert sum(at_once(order, hands=8)) == 480
    assert _deadlocks() == 0
    assert queries.compare_ledger_with_levels() == []


def test_several_promises_of_one_transaction_do_not_wait_in_a_ring_once_their_levels_are_locked() -> None:
    products = [stocked(500, sku=f"TEA-{number}") for number in range(4)]

    def batch(hand: int) -> int:
        mine = products if hand % 2 else products[::-1]
        taken = 0
        for number in range(10):
            with transaction.atomic():
                lock_levels(product_ids=mine)
                for product in mine:
                    line = want(product, 1, key=f"order_line:{hand}-{number}-{product}")
                    taken += len(allocate(line, key=f"{hand}-{number}").taken)
        return taken

    assert sum(at_once(batch, hands=6)) == 240
    assert _deadlocks() == 0


def test_hundreds_of_orders_carts_and_shipments_at_once_sell_exactly_what_is_there() -> None:
    make_place()
    make_place(code=TAINAN, name="Tainan")
    products = [make_product(sku=f"TEA-{number}").pk for number in range(5)]
    operations.record_moves(
        moves=[
            dataclasses.replace(
                opening(product_id=product, units=15, place=place, lot=lot, key=f"{product}-{place}-{lot}"),
                expires_date=MORNING.date() + dt.timedelta(days=days) if lot else None,
            )
            for product in products
            for place in (KEELUNG, TAINAN)
            for lot, days in (("A", 30), ("B", 90), ("", 0))
        ]
    )

    def work(hand: int) -> dict[int, int]:
        dice = np.random.default_rng(hand)
        shipped = dict.fromkeys(products, 0)
        for number in range(ORDERS_A_HAND):
            name = f"{hand}-{number}"
            lines = [
                want(
                    product,
                    int(dice.integers(1, 4)),
                    key=f"order_line:{name}",
                    place=str(dice.choice([KEELUNG, TAINAN])),
                )
                for product in map(int, dice.choice(products, int(dice.integers(1, 4)), replace=False))
            ]
            cart = f"cart:{dice.integers(0, 6)}"
            if dice.random() < 0.4:
                hold(*lines, key=cart, until=MORNING + dt.timedelta(minutes=int(dice.choice([-1, 10]))))
            if allocate(*lines, key=name, hold_key=cart if dice.random() < 0.5 else "").taken:
                _finish(name=name, lines=lines, dice=dice, shipped=shipped)
            if dice.random() < 0.1:
                sweep()
        return shipped

    gone = at_once(work, hands=8)

    assert _deadlocks() == 0
    assert queries.compare_ledger_with_levels() == []
    for product in products:
        levels = Level.objects.filter(product_id=product)
        left = sum(one.on_hand_units for one in levels)
        assert left + sum(each[product] for each in gone) == 90
        assert all(one.on_hand_units >= one.allocated_units + one.held_units >= 0 for one in levels)


def _finish(*, name: str, lines: list[Wanted], dice: np.random.Generator, shipped: dict[int, int]) -> None:
    """Half of the orders leave, a third is given back, the rest stays promised."""
    kinds: tuple[allocating.SettleKind, ...] = ("ship", "ship", "ship", "release", "release", "pick")
    kind = kinds[int(dice.integers(0, 6))]
    settled = [Settled(demand_key=line.demand_key, product_id=line.product_id) for line in lines]
    with transaction.atomic():
        moved = allocating.settle_units(
            kind=kind, settled=settled, key=name, cause_kind="order", cause_key=name, moment=MORNING
        )
    if kind == "ship":
        for one in moved:
            shipped[one.product_id] += int(one.units)


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
