"""Cash on delivery is written down with the last parcel, and only then."""

import pytest

from reorder.domain.orders.models import Order
from reorder.domain.payments.queries import compare_payments_with_entries, list_payments_of_order
from reorder.flows import fulfil
from tests.factories.order_life import LATER, parcel_of, placed
from tests.factories.placing import MERCHANT, stock_up

pytestmark = pytest.mark.django_db


def test_the_money_at_the_door_comes_with_the_delivery() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3), payment="cash_on_delivery")
    parcel = parcel_of(order_id)
    for step in (fulfil.release_fulfilment, fulfil.ship_fulfilment):
        step(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)
    assert Order.objects.get(pk=order_id).payment_state == "cash_on_delivery"

    fulfil.deliver_fulfilment(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    order = Order.objects.get(pk=order_id)
    assert (order.state, order.payment_state, order.paid_minor) == ("delivered", "paid", order.total_minor)
    assert [(one.provider, one.state) for one in list_payments_of_order(order_id=order_id)] == [
        ("cash_on_delivery", "paid")
    ]
    assert compare_payments_with_entries() == []


def test_an_order_that_was_paid_before_is_not_paid_again_at_the_door() -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 3))
    parcel = parcel_of(order_id)

    for step in (fulfil.release_fulfilment, fulfil.ship_fulfilment, fulfil.deliver_fulfilment):
        step(fulfilment_id=parcel, actor=MERCHANT, moment=LATER)

    assert list_payments_of_order(order_id=order_id) == []
