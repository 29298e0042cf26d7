"""A place with a limit of orders a day gets no more of one batch, and what is collected goes with such a service."""

import datetime as dt

import pytest

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.inventory.place_terms import PlaceTermsRow, save_terms
from reorder.domain.inventory.queries import find_place
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import shipping_setup
from tests.factories.inventory import KEELUNG
from tests.factories.placing import MEI, order_of, place, stock_up

pytestmark = pytest.mark.django_db


def lay_down(code: str, **terms: object) -> None:
    found = find_place(code=code)
    assert found is not None
    save_terms(place_id=found.id, terms=PlaceTermsRow(**terms), decided_by="Mei")  # type: ignore[arg-type]


def test_orders_of_one_batch_fill_a_day_and_then_the_next() -> None:
    stock_up(units=20)
    lay_down(KEELUNG, orders_a_day=2)

    place(*(order_of(("OOLONG-150", 1), external_id=f"A-{number}") for number in range(3)))
    place(order_of(("OOLONG-150", 1), external_id="B"))

    days = [one.ship_by_at.date() for one in FulfilmentOrder.objects.order_by("order_id") if one.ship_by_at]
    assert days == [dt.date(2026, 11, 27)] * 2 + [dt.date(2026, 11, 28)] * 2


def test_an_address_of_a_convenience_store_is_served_by_its_service() -> None:
    stock_up(units=5)
    shipping_setup.load_example(decided_by="Mei")
    lay_down(KEELUNG, postcode="206")
    store = ShippingAddress(name="林美玲", country="TW", postcode="110", store_code="184532")

    place(
        order_of(("OOLONG-150", 1), external_id="A", ship_to=store),
        order_of(("OOLONG-150", 1), external_id="B", ship_to=MEI),
    )

    sent = [(one.service_code, one.cost_minor) for one in FulfilmentOrder.objects.order_by("order_id")]
    assert sent == [("store", 6000), ("home", 8000)]
