"""Two parcels at one place with goods of one order line: each ships, or puts back, what is its own."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.inventory import operations
from reorder.domain.inventory.models import Allocation, Move
from reorder.domain.orders.models import OrderLine
from reorder.flows import fulfil
from reorder.flows.promising import fill_backorders
from reorder.insights.promise_proof import prove_ledger
from tests.factories.inventory import opening
from tests.factories.order_life import LATER, parcel_of, parcels_of, released
from tests.factories.placing import MERCHANT, stock_up

pytestmark = pytest.mark.django_db


def test_a_parcel_shipped_from_the_shelf_leaves_alone_what_was_picked_for_another_one() -> None:
    oolong = stock_up(units=0)
    early = opening(product_id=oolong, units=3, lot="EARLY", key="early")
    operations.record_moves(moves=[replace(early, expires_date=dt.date(2027, 1, 1))])
    order_id = released(("OOLONG-150", 3))
    picked = parcel_of(order_id)
    step = {"actor": MERCHANT, "moment": LATER}
    line_id = OrderLine.objects.get().pk
    fulfil.short_pick(fulfilment_id=picked, order_line_id=line_id, found_units=Decimal(2), **step)
    fulfil.pick_fulfilment(fulfilment_id=picked, **step)
    late = opening(product_id=oolong, units=1, lot="LATE", key="late")
    operations.record_moves(moves=[replace(late, expires_date=dt.date(2027, 6, 1))])
    assert fill_backorders(moment=LATER) == 1
    on_shelf = parcel_of(order_id, state="allocated")
    fulfil.release_fulfilment(fulfilment_id=on_shelf, **step)

    fulfil.ship_fulfilment(fulfilment_id=on_shelf, **step)

    assert list(Move.objects.filter(kind="ship").values_list("lot", "units", "source__kind")) == [
        ("LATE", Decimal(1), "allocated")
    ]
    fulfil.unpick_fulfilment(fulfilment_id=picked, **step)
    assert list(Allocation.objects.values_list("level__lot", "units", "picked_units")) == [("EARLY", 2, 0)]
    fulfil.pick_fulfilment(fulfilment_id=picked, **step)
    fulfil.ship_fulfilment(fulfilment_id=picked, **step)
    assert parcels_of(order_id) == [("KEELUNG", "shipped"), ("KEELUNG", "shipped")]
    assert prove_ledger().is_proved
