"""Promises of stock: all of an order or nothing, the lot that goes off first, and never a unit twice."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.inventory import allocating, operations, queries
from reorder.domain.inventory.allocating import Settled, Wanted
from reorder.domain.inventory.errors import BadMove, NotEnoughStock, UnknownLocation
from reorder.domain.inventory.models import Allocation, Hold, Level, Move
from reorder.domain.inventory.rules import allocated_of, stock_of
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place, opening, shipment

pytestmark = pytest.mark.django_db

SOON, LATER = dt.date(2026, 12, 31), dt.date(2027, 6, 30)


def stocked(*lots: tuple[str, dt.date | None, int], sku: str = "OOLONG-150") -> int:
    make_place()
    product = make_product(sku=sku)
    operations.record_moves(
        moves=[
            dataclasses.replace(
                opening(product_id=product.pk, units=units, lot=lot, key=f"open-{sku}-{lot}"), expires_date=day
            )
            for lot, day, units in lots
        ]
    )
    return product.pk


def wanted(product_id: int, units: int, *, key: str = "order_line:1", **more: object) -> Wanted:
    return Wanted(demand_key=key, product_id=product_id, place_code=KEELUNG, units=Decimal(units), **more)


def allocate(*lines: Wanted, key: str = "a", hold_key: str = "") -> allocating.Promise:
    return allocating.allocate_units(
        wanted=lines, key=key, cause_kind="order", cause_key="1", moment=MORNING, hold_key=hold_key
    )


def level_of(lot: str = "") -> tuple[int, int, int]:
    level = Level.objects.get(lot=lot)
    return int(level.on_hand_units), int(level.allocated_units), int(level.held_units)


def test_an_order_gets_the_lots_that_go_off_first() -> None:
    oolong = stocked(("B", LATER, 10), ("A", SOON, 4), ("", None, 5))

    promise = allocate(wanted(oolong, 6))

    assert [(one.lot, one.expires_date, one.units) for one in promise.taken] == [("A", SOON, 4), ("B", LATER, 2)]
    assert promise.short == ()
    assert (level_of("A"), level_of("B"), level_of("")) == ((4, 4, 0), (10, 2, 0), (5, 0, 0))
    assert queries.compare_ledger_with_levels() == []


def test_two_lines_of_one_product_share_its_lots() -> None:
    oolong = stocked(("A", SOON, 4), ("B", LATER, 10))

    promise = allocate(wanted(oolong, 3), wanted(oolong, 3, key="order_line:2"))

    taken = sorted((one.demand_key, one.lot, int(one.units)) for one in promise.taken)
    assert taken == [("order_line:1", "A", 3), ("order_line:2", "A", 1), ("order_line:2", "B", 2)]


def test_what_is_not_there_is_not_promised_and_nothing_else_of_the_order_either() -> None:
    oolong = stocked(("", None, 5))
    sencha = make_product(sku="SENCHA-100")
    operations.open_levels(product_places=[(sencha.pk, KEELUNG)])

    promise = allocate(wanted(oolong, 2), wanted(sencha.pk, 1, key="order_line:2"))

    assert promise.taken == ()
    assert [(one.product_id, one.wanted_units, one.free_units) for one in promise.short] == [(sencha.pk, 1, 0)]
    assert Allocation.objects.count() == 0
    assert Move.objects.filter(kind="allocate").count() == 0


def test_a_channel_that_wants_fresh_goods_does_not_get_the_old_lot() -> None:
    oolong = stocked(("A", SOON, 4), ("B", LATER, 3))

    promise = allocate(wanted(oolong, 4, expires_from=dt.date(2027, 1, 1)))

    assert [(one.wanted_units, one.free_units) for one in promise.short] == [(4, 3)]


def test_a_cart_holds_and_its_order_takes_what_it_held() -> None:
    oolong = stocked(("", None, 5))
    until = MORNING + dt.timedelta(minutes=10)

    allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 4)], moment=MORNING, expires_at=until)
    assert level_of() == (5, 0, 4)
    assert [one.free_units for one in allocate(wanted(oolong, 2)).short] == [1]

    promise = allocate(wanted(oolong, 5), key="b", hold_key="cart:7")

    assert [int(one.units) for one in promise.taken] == [5]
    assert level_of() == (5, 5, 0)
    assert Hold.objects.count() == 0


def test_a_cart_that_changes_its_mind_holds_the_new_units_only() -> None:
    oolong = stocked(("", None, 5))
    until = MORNING + dt.timedelta(minutes=10)
    allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 4)], moment=MORNING, expires_at=until)

    allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 5)], moment=MORNING, expires_at=until)
    assert level_of() == (5, 0, 5)
    refused = allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 6)], moment=MORNING, expires_at=until)

    assert [one.free_units for one in refused.short] == [5]
    assert level_of() == (5, 0, 5)
    assert queries.compare_ledger_with_levels() == []


def test_a_hold_that_is_over_gives_way_to_an_order() -> None:
    oolong = stocked(("", None, 5))
    allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 4)], moment=MORNING, expires_at=MORNING)

    assert [int(one.units) for one in allocate(wanted(oolong, 5)).taken] == [5]
    assert level_of() == (5, 5, 0)


def test_the_sweeper_gives_back_what_nobody_bought() -> None:
    oolong = stocked(("", None, 5))
    allocating.hold_units(hold_key="cart:7", wanted=[wanted(oolong, 4)], moment=MORNING, expires_at=MORNING)

    assert allocating.drop_expired_holds(moment=MORNING - dt.timedelta(seconds=1)) == 0
    assert allocating.drop_expired_holds(moment=MORNING) == 1
    assert level_of() == (5, 0, 0)


def test_goods_are_picked_and_shipped_and_the_ledger_agrees() -> None:
    oolong = stocked(("A", SOON, 4), ("B", LATER, 10))
    allocate(wanted(oolong, 6))

    def settle(kind: str, units: int | None = None) -> list[tuple[str, int]]:
        line = Settled(demand_key="order_line:1", product_id=oolong, units=None if units is None else Decimal(units))
        moved = allocating.settle_units(
            kind=kind, settled=[line], key=f"{kind}{units}", cause_kind="order", cause_key="1", moment=MORNING
        )
        return [(one.lot, int(one.units)) for one in moved]

    assert settle("pick", 5) == [("A", 4), ("B", 1)]
    assert (level_of("A"), level_of("B")) == ((4, 4, 0), (10, 2, 0))
    assert settle("ship", 3) == [("A", 3)]
    assert (level_of("A"), level_of("B")) == ((1, 1, 0), (10, 2, 0))
    assert queries.compare_ledger_with_levels() == []
    assert settle("release", 1) == [("B", 1)]
    assert settle("ship") == [("A", 1), ("B", 1)]
    assert (level_of("A"), level_of("B")) == ((0, 0, 0), (9, 0, 0))
    assert Allocation.objects.count() == 0
    assert queries.compare_ledger_with_levels() == []


def test_a_cancelled_order_gives_its_goods_back_from_shelf_and_cart() -> None:
    oolong = stocked(("A", SOON, 4))
    allocate(wanted(oolong, 4))
    line = Settled(demand_key="order_line:1", product_id=oolong)
    one = Settled(demand_key="order_line:1", product_id=oolong, units=Decimal(1))
    common = {"cause_kind": "order", "cause_key": "1", "moment": MORNING}
    allocating.settle_units(kind="pick", settled=[one], key="p", **common)

    moved = allocating.settle_units(kind="release", settled=[line], key="r", **common)

    assert [int(each.units) for each in moved] == [4]
    assert level_of("A") == (4, 0, 0)
    assert queries.compare_ledger_with_levels() == []


def test_promised_goods_leave_no_other_way() -> None:
    oolong = stocked(("", None, 5))
    allocate(wanted(oolong, 4))

    with pytest.raises(NotEnoughStock):
        operations.record_moves(moves=[shipment(product_id=oolong, units=2, key="theft")])
    with pytest.raises(BadMove, match="promised goods"):
        operations.record_moves(
            moves=[
                dataclasses.replace(
                    shipment(product_id=oolong, units=1, key="x"), source=allocated_of(place_code=KEELUNG)
                )
            ]
        )
    assert level_of() == (5, 4, 0)


def test_a_place_that_is_not_there_is_named() -> None:
    oolong = stocked(("", None, 5))

    with pytest.raises(UnknownLocation, match=stock_of(place_code="MOON")):
        allocating.allocate_units(
            wanted=[Wanted(demand_key="x", product_id=oolong, place_code="MOON", units=Decimal(1))],
            key="a",
            cause_kind="order",
            cause_key="1",
            moment=MORNING,
        )


def test_what_was_picked_is_put_back_and_stays_promised() -> None:
    oolong = stocked(("A", SOON, 4), ("B", LATER, 10))
    allocate(wanted(oolong, 6))
    line = Settled(demand_key="order_line:1", product_id=oolong)
    common = {"cause_kind": "order", "cause_key": "1", "moment": MORNING}
    allocating.settle_units(kind="pick", settled=[line], key="p", **common)

    back = allocating.settle_units(kind="unpick", settled=[line], key="u", **common)

    assert [(one.lot, int(one.units)) for one in back] == [("A", 4), ("B", 2)]
    assert [int(one.picked_units) for one in Allocation.objects.order_by("pk")] == [0, 0]
    assert (level_of("A"), level_of("B")) == ((4, 4, 0), (10, 2, 0))
    assert [move.kind for move in Move.objects.filter(source__kind="picked")] == ["pick", "pick"]
    assert queries.compare_ledger_with_levels() == []


def test_goods_of_one_place_leave_while_those_of_another_stay() -> None:
    oolong = stocked(("", None, 4))
    make_place(code="TAINAN", name="Tainan")
    operations.record_moves(moves=[opening(product_id=oolong, units=3, place="TAINAN")])
    allocate(wanted(oolong, 2), dataclasses.replace(wanted(oolong, 3), place_code="TAINAN"))
    line = Settled(demand_key="order_line:1", product_id=oolong, place_code="TAINAN")

    moved = allocating.settle_units(
        kind="ship", settled=[line], key="s", cause_kind="order", cause_key="1", moment=MORNING
    )

    assert [(one.place_code, int(one.units)) for one in moved] == [("TAINAN", 3)]
    assert [int(one.units) for one in Allocation.objects.all()] == [2]
    assert queries.compare_ledger_with_levels() == []
