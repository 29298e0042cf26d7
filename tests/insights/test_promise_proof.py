"""The proof names what does not agree: orders against what stock promises to them."""

from decimal import Decimal

import pytest
from django.db import connection

from reorder.domain.inventory.models import Allocation, Backorder
from reorder.domain.warehouse.floor_models import BinStock
from reorder.domain.warehouse.putting_away import PutAway, put_away
from reorder.flows import fulfil, promising
from reorder.insights.promise_proof import list_promise_differences, prove_ledger
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place
from tests.factories.order_life import LATER, parcel_of, placed, released
from tests.factories.placing import MERCHANT, NOON, stock_up
from tests.factories.shelves import arrive, make_hall

pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_on_every_step_of_their_way_agree_with_their_stock() -> None:
    stock_up(units=20)
    stock_up(sku="MATCHA-30", units=0)
    step = {"actor": MERCHANT, "moment": LATER}
    placed(("OOLONG-150", 2), external_id="A-1")
    released(("OOLONG-150", 2), external_id="A-2")
    picked = released(("OOLONG-150", 2), external_id="A-3")
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(picked), **step)
    shipped = released(("OOLONG-150", 2), external_id="A-4")
    fulfil.pick_fulfilment(fulfilment_id=parcel_of(shipped), **step)
    fulfil.pack_fulfilment(fulfilment_id=parcel_of(shipped), **step)
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(shipped), **step)
    cancelled = placed(("OOLONG-150", 2), external_id="A-5")
    fulfil.cancel_order(order_id=cancelled, reason="asked", **step)
    placed(("OOLONG-150", 1), ("MATCHA-30", 3), external_id="A-6", if_short="wait")

    proof = prove_ledger()

    assert (proof.levels, proof.promises) == ((), ())
    assert (proof.compared.orders, proof.compared.backorders) == (5, 1)
    stock_up(sku="MATCHA-30", units=3)
    assert promising.fill_backorders(moment=LATER) == 1
    assert prove_ledger().is_proved


def test_a_promise_that_belongs_to_nobody_is_named() -> None:
    oolong = stock_up(units=20)
    placed(("OOLONG-150", 2))
    Allocation.objects.update(demand_key="order_line:999999999")

    found = [(one.figure, one.order_key, one.sku, one.ordered_units, one.promised_units) for one in _differences()]

    assert found == [
        ("promised", "", "OOLONG-150", Decimal(0), Decimal(2)),
        ("promised", "A-1", "OOLONG-150", Decimal(2), Decimal(0)),
    ]
    assert oolong


def test_an_order_whose_goods_nobody_sends_is_named() -> None:
    stock_up(units=20)
    placed(("OOLONG-150", 2))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE warehouse_fulfilmentorder SET state = 'cancelled'")

    assert [(one.figure, one.ordered_units, one.promised_units) for one in _differences()] == [
        ("promised", 0, 2),
        ("ordered", 2, 0),
    ]


def test_goods_that_are_waited_for_without_an_order_are_named() -> None:
    stock_up(units=0)
    placed(("OOLONG-150", 2), if_short="wait")
    Backorder.objects.update(units=3)

    assert [(one.figure, one.ordered_units, one.promised_units) for one in _differences()] == [("waiting", 2, 3)]


def _differences():
    return list_promise_differences()


def test_the_moment_of_a_proof_changes_nothing() -> None:
    stock_up(units=20)
    placed(("OOLONG-150", 2), ordered_at=NOON)

    assert prove_ledger() == prove_ledger()


def test_bins_that_hold_more_than_their_place_or_than_their_moves_are_told() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    arrive(product_id=oolong.pk, units=5)
    put_away(
        put=PutAway(
            key="put", place_code=KEELUNG, product_id=oolong.pk, units=Decimal(5), bin_code="A-01-1", actor="Mei",
            happened_at=MORNING,
        )
    )  # fmt: skip
    assert prove_ledger().bins == ()
    BinStock.objects.update(units=7)
    found = prove_ledger()
    assert not found.is_proved
    assert [(one.figure, one.sku, one.bin, one.ledger_units, one.bin_units) for one in found.bins] == [
        ("beyond stock", "OOLONG-150", "A-01-1", 5, 7),
        ("moves", "OOLONG-150", "A-01-1", 5, 7),
    ]
