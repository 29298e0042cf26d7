"""Orders to fulfil, placed at a shop with stock."""

import datetime as dt
from decimal import Decimal
from typing import Any

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.inventory import operations as inventory
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import fulfil
from reorder.flows.fulfil import LineToPlace, OrderToPlace, PlacedOutcome
from reorder.flows.order_intake import Buyer
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place, opening

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
MERCHANT = Actor(name="mei", abilities=frozenset(Ability))
MEI = ShippingAddress(
    name="林美玲", phone="0912345678", country="TW", postcode="110", region="臺北市", city="信義區", line1="松仁路 1 號"
)


def stock_up(*, sku: str = "OOLONG-150", units: int = 10, place: str = KEELUNG, lot: str = "") -> int:
    """A product with so many units at a place; its number."""
    from reorder.domain.catalog.models import Product

    make_place(code=place, name=place)
    product = Product.objects.filter(sku=sku).first() or make_product(sku=sku)
    if units:
        inventory.record_moves(
            moves=[opening(product_id=product.pk, units=units, place=place, lot=lot, key=f"open-{place}-{sku}-{lot}")]
        )
    else:
        inventory.open_levels(product_places=[(product.pk, place)])
    return int(product.pk)


def order_of(*lines: tuple[str, int | str], external_id: str = "A-1", **more: Any) -> OrderToPlace:
    """An order of Mei's for (SKU, units) at NT$450 each."""
    given: dict[str, Any] = {"buyer": Buyer(key="mei", name="林美玲"), "ship_to": MEI} | more
    return OrderToPlace(
        external_id=external_id,
        ordered_at=given.pop("ordered_at", NOON),
        currency=given.pop("currency", "TWD"),
        lines=tuple(LineToPlace(sku=sku, units=Decimal(units), unit_price_minor=45_000) for sku, units in lines),
        **given,
    )


def place(*orders: OrderToPlace, channel: str = "shop", moment: dt.datetime = NOON) -> list[PlacedOutcome]:
    """What becomes of the orders."""
    return fulfil.place_orders(orders=orders, channel=channel, actor=MERCHANT, moment=moment)
