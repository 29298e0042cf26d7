"""Batches of orders with the same goods crossed: nobody waits in a ring, and exactly the stock is promised."""

from decimal import Decimal

import pytest
from django.db import connection

from reorder.domain.inventory.models import Allocation
from reorder.domain.orders.models import Order
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil, promising
from reorder.flows.fulfil import placing
from reorder.insights.promise_proof import prove_ledger
from tests.factories.interleaving import meet
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, placed
from tests.factories.placing import MERCHANT, order_of, place, stock_up
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SKUS = [f"TEA-{number}" for number in range(4)]


def test_batches_with_their_orders_crossed_do_not_wait_in_a_ring() -> None:
    for sku in SKUS:
        stock_up(sku=sku, units=30)
    place(order_of((SKUS[0], 1), external_id="first"))

    def batch(hand: int) -> list[str]:
        mine = SKUS if hand % 2 else SKUS[::-1]
        return [
            one.outcome
            for number in range(4)
            for one in place(*(order_of((sku, 1), external_id=f"{hand}-{number}-{sku}") for sku in mine))
        ]

    outcomes = [outcome for hand in at_once(batch, hands=6) for outcome in hand]

    assert outcomes.count("added") == 96
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone()[0] == 0
    assert sum(one.units for one in Allocation.objects.all()) == 97
    assert prove_ledger().is_proved


def test_the_same_orders_in_two_batches_the_other_way_round_land_once() -> None:
    stock_up(units=50)
    orders = [order_of(("OOLONG-150", 1), external_id=f"A-{number}") for number in range(6)]

    at_once(lambda hand: place(*(orders if hand else orders[::-1])), hands=2)

    assert Order.objects.count() == 6
    assert prove_ledger().is_proved


def test_an_order_whose_place_was_emptied_under_its_eyes_goes_to_the_other_place() -> None:
    stock_up(units=1)
    stock_up(units=1, place="TAINAN")

    met = meet(
        first=lambda: place(order_of(("OOLONG-150", 1), external_id="A-1")),
        second=lambda: place(order_of(("OOLONG-150", 1), external_id="A-2")),
    )

    assert [one.state for one in (*met.first, *met.second)] == ["allocated", "allocated"]
    assert sorted(FulfilmentOrder.objects.values_list("place__code", flat=True)) == [KEELUNG, "TAINAN"]
    assert prove_ledger().is_proved


def test_goods_that_arrive_for_an_order_that_is_being_cancelled_stay_free() -> None:
    stock_up(units=0)
    order = placed(("OOLONG-150", 2), if_short="wait")
    stock_up(units=2)

    met = meet(
        first=lambda: fulfil.cancel_order(order_id=order, reason="asked", actor=MERCHANT, moment=LATER).state,
        second=lambda: promising.fill_backorders(moment=LATER),
    )

    assert (met.first, met.second) == ("cancelled", 0)
    assert prove_ledger().is_proved


def test_an_order_that_is_given_its_goods_and_cancelled_gives_them_back() -> None:
    stock_up(units=0)
    order = placed(("OOLONG-150", 2), if_short="wait")
    stock_up(units=2)

    met = meet(
        first=lambda: promising.fill_backorders(moment=LATER),
        second=lambda: fulfil.cancel_order(order_id=order, reason="asked", actor=MERCHANT, moment=LATER).state,
    )

    assert (met.first, met.second) == (1, "cancelled")
    assert not Allocation.objects.exists()
    assert prove_ledger().is_proved


def test_a_limit_of_backorders_holds_for_two_orders_at_once() -> None:
    from reorder.domain.inventory.promise_rules import SellingTerms
    from reorder.domain.inventory.promise_terms import put_selling_terms

    oolong = stock_up(units=0)
    terms = SellingTerms(product_id=oolong, allows_backorder=True, backorder_limit_units=Decimal(3))
    put_selling_terms(terms=terms, decided_by="mei", moment=LATER)

    met = meet(
        first=lambda: placing.place_orders(
            orders=[order_of(("OOLONG-150", 2), external_id="A-1")], channel="shop", actor=MERCHANT, moment=LATER
        ),
        second=lambda: place(order_of(("OOLONG-150", 2), external_id="A-2")),
    )

    assert [one.outcome for one in (*met.first, *met.second)] == ["added", "refused"]
