"""The stock ledger: moves happen once, levels are their sum, and nothing goes below zero."""

import dataclasses
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from reorder.domain.inventory import operations, queries
from reorder.domain.inventory.errors import (
    BadMove,
    BadPlace,
    MoveKeyReused,
    NotEnoughStock,
    UnknownLocation,
    UnknownPlace,
)
from reorder.domain.inventory.models import Level, Move
from reorder.domain.inventory.rules import CUSTOMER, SUPPLIER
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place, opening, shipment, stock_at

pytestmark = pytest.mark.django_db


def test_opening_stock_and_a_shipment_leave_the_rest() -> None:
    make_place()
    oolong = make_product()

    operations.record_moves(moves=[opening(product_id=oolong.pk, units=40)])
    operations.record_moves(moves=[shipment(product_id=oolong.pk, units="2.5", key="order-1")])

    assert stock_at(sku="OOLONG-150") == Decimal("37.5")
    assert queries.compare_ledger_with_levels() == []


def test_the_same_move_again_changes_nothing_and_is_reported_as_unchanged() -> None:
    make_place()
    oolong = make_product()
    move = opening(product_id=oolong.pk, units=40)

    first = operations.record_moves(moves=[move])
    again = operations.record_moves(moves=[move])

    assert (first.recorded_count, first.unchanged_count) == (1, 0)
    assert (again.recorded_count, again.unchanged_count) == (0, 1)
    assert stock_at(sku="OOLONG-150") == 40
    assert Move.objects.count() == 1


def test_one_call_may_repeat_old_moves_and_add_new_ones() -> None:
    make_place()
    oolong = make_product()
    first, second = opening(product_id=oolong.pk, units=40), shipment(product_id=oolong.pk, units=1, key="order-1")
    operations.record_moves(moves=[first])

    both = operations.record_moves(moves=[first, second, second])

    assert (both.recorded_count, both.unchanged_count) == (1, 1)
    assert stock_at(sku="OOLONG-150") == 39


def test_a_key_with_other_content_is_refused_and_nothing_is_written() -> None:
    make_place()
    oolong = make_product()
    move = opening(product_id=oolong.pk, units=40, key="opening-1")
    operations.record_moves(moves=[move])
    other = dataclasses.replace(move, units=Decimal(41))

    with pytest.raises(MoveKeyReused, match="opening-1"):
        operations.record_moves(moves=[shipment(product_id=oolong.pk, units=1, key="order-1"), other])

    assert stock_at(sku="OOLONG-150") == 40
    assert Move.objects.count() == 1


def test_two_contents_under_one_key_in_one_call_are_refused() -> None:
    make_place()
    oolong = make_product()
    move = opening(product_id=oolong.pk, units=40, key="opening-1")

    with pytest.raises(MoveKeyReused):
        operations.record_moves(moves=[move, dataclasses.replace(move, units=Decimal(41))])


def test_a_later_moment_is_still_the_same_move() -> None:
    make_place()
    oolong = make_product()
    move = opening(product_id=oolong.pk, units=40)
    operations.record_moves(moves=[move])

    again = operations.record_moves(moves=[dataclasses.replace(move, happened_at=MORNING.replace(hour=9))])

    assert again.unchanged_count == 1


def test_more_than_is_there_cannot_leave_and_the_error_says_how_much_is_free() -> None:
    make_place()
    oolong, matcha = make_product(), make_product(sku="MATCHA-30")
    operations.record_moves(
        moves=[opening(product_id=oolong.pk, units=5), opening(product_id=matcha.pk, units=5)],
    )

    with pytest.raises(NotEnoughStock) as refused:
        operations.record_moves(
            moves=[
                shipment(product_id=oolong.pk, units=1, key="order-1-1"),
                shipment(product_id=matcha.pk, units=6, key="order-1-2"),
            ]
        )

    assert refused.value.parameters == {
        "sku": "MATCHA-30",
        "location": "stock:KEELUNG",
        "wanted_units": Decimal(6),
        "free_units": Decimal(5),
    }
    assert stock_at(sku="OOLONG-150") == 5
    assert queries.compare_ledger_with_levels() == []


def test_after_not_enough_stock_the_callers_transaction_goes_on() -> None:
    make_place()
    oolong = make_product()

    with transaction.atomic():
        operations.record_moves(moves=[opening(product_id=oolong.pk, units=5)])
        with pytest.raises(NotEnoughStock):
            operations.record_moves(moves=[shipment(product_id=oolong.pk, units=6, key="order-1")])
        operations.record_moves(moves=[shipment(product_id=oolong.pk, units=5, key="order-2")])

    assert stock_at(sku="OOLONG-150") == 0
    assert list(Move.objects.order_by("pk").values_list("kind", flat=True)) == ["opening", "ship"]


def test_allocated_and_held_goods_do_not_leave() -> None:
    make_place()
    oolong = make_product()
    operations.record_moves(moves=[opening(product_id=oolong.pk, units=10)])
    Level.objects.update(allocated_units=6, held_units=3)

    with pytest.raises(NotEnoughStock, match=r"only 1\.000 are free"):
        operations.record_moves(moves=[shipment(product_id=oolong.pk, units=2, key="order-1")])


def test_lots_are_kept_apart() -> None:
    make_place()
    oolong = make_product()
    operations.record_moves(
        moves=[
            opening(product_id=oolong.pk, units=10, lot="SPRING"),
            opening(product_id=oolong.pk, units=4, lot="WINTER"),
        ]
    )

    with pytest.raises(NotEnoughStock):
        operations.record_moves(moves=[shipment(product_id=oolong.pk, units=5, key="order-1", lot="WINTER")])

    assert stock_at(sku="OOLONG-150", lot="SPRING") == 10
    assert stock_at(sku="OOLONG-150", lot="WINTER") == 4


def test_goods_that_go_straight_from_supplier_to_customer_touch_no_level() -> None:
    make_place()
    oolong = make_product()
    direct = dataclasses.replace(
        shipment(product_id=oolong.pk, units=3, key="direct-1"), source=SUPPLIER, target=CUSTOMER
    )

    recorded = operations.record_moves(moves=[direct])

    assert recorded.recorded_count == 1
    assert Level.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"units": Decimal(0)}, "more than zero"),
        ({"units": Decimal(-2)}, "more than zero"),
        ({"units": Decimal("NaN")}, "more than zero"),
        ({"units": Decimal("0.0001")}, "three decimals"),
        ({"target": "adjustment"}, "source and target"),
        ({"happened_at": MORNING.replace(tzinfo=None)}, "no time zone"),
        ({"key": ""}, "1 to 64 characters"),
    ],
)
def test_an_impossible_move_is_refused(change: dict[str, object], reason: str) -> None:
    make_place()
    oolong = make_product()
    move = dataclasses.replace(opening(product_id=oolong.pk, units=1), **change)  # type: ignore[arg-type]

    with pytest.raises(BadMove, match=reason):
        operations.record_moves(moves=[move])


def test_a_place_that_does_not_exist_is_named() -> None:
    make_place()
    oolong = make_product()

    with pytest.raises(UnknownLocation, match="stock:TAINAN"):
        operations.record_moves(moves=[opening(product_id=oolong.pk, units=1, place="TAINAN")])


def test_the_database_itself_refuses_to_change_the_ledger() -> None:
    make_place()
    oolong = make_product()
    operations.record_moves(moves=[opening(product_id=oolong.pk, units=40)])

    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        Move.objects.update(units=41)
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        Move.objects.all().delete()


def test_a_level_changed_behind_the_ledgers_back_is_found() -> None:
    make_place()
    oolong = make_product()
    operations.record_moves(moves=[opening(product_id=oolong.pk, units=40)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_level SET on_hand_units = 41")

    differences = queries.compare_ledger_with_levels()

    assert [(d.sku, d.location, d.ledger_units, d.level_units) for d in differences] == [
        ("OOLONG-150", "stock:KEELUNG", 40, 41)
    ]


def test_a_level_that_vanished_is_found() -> None:
    make_place()
    oolong = make_product()
    operations.record_moves(moves=[opening(product_id=oolong.pk, units=40)])
    Level.objects.all().delete()

    assert [(d.ledger_units, d.level_units) for d in queries.compare_ledger_with_levels()] == [(40, 0)]


def test_a_place_is_made_once() -> None:
    first = make_place()
    again = operations.ensure_place(code=KEELUNG, name="Another name")

    assert again == first
    assert [place.name for place in queries.list_places()] == ["Keelung warehouse"]


@pytest.mark.parametrize("code", ["", " ", "KEELUNG "])
def test_a_place_needs_a_clean_code(code: str) -> None:
    with pytest.raises(BadPlace):
        operations.ensure_place(code=code, name="Nowhere")


def test_a_product_can_be_stocked_at_zero() -> None:
    make_place()
    oolong = make_product()

    opened = operations.open_levels(product_places=[(oolong.pk, KEELUNG), (oolong.pk, KEELUNG)])
    again = operations.open_levels(product_places=[(oolong.pk, KEELUNG)])

    assert (opened, again) == (1, 0)
    assert stock_at(sku="OOLONG-150") == 0
    assert queries.compare_ledger_with_levels() == []
    with pytest.raises(UnknownPlace):
        operations.open_levels(product_places=[(oolong.pk, "TAINAN")])


def test_six_thousand_opening_moves_go_in_one_call() -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan warehouse")
    products = [make_product(sku=f"TEA-{number:04}") for number in range(200)]
    moves = [
        opening(product_id=product.pk, units=number + 1, place=place, lot=str(number))
        for product in products
        for place in (KEELUNG, "TAINAN")
        for number in range(15)
    ]

    recorded = operations.record_moves(moves=moves)

    assert recorded.recorded_count == 6_000
    assert stock_at(sku="TEA-0007", place="TAINAN") == 120
    assert queries.compare_ledger_with_levels() == []
