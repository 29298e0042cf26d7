"""One box for everything: customers, products, orders and purchase orders, each only for those who may see it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.catalog.searching import FoundProduct, search_products
from reorder.domain.customers import queries as customers
from reorder.domain.messaging import of_customer as messaging
from reorder.domain.orders.of_customer import NumberedOrder, list_orders_by_number
from reorder.domain.purchasing.searching import FoundPurchaseOrder, search_purchase_orders
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.customers import ALL, ListedCustomer, list_customers
from reorder.insights.order_list import list_orders_by_parcel
from reorder.insights.order_page import find_visible_ids

_SHOWN = 8
# A tracking number or a phone has so many digits at least.
_LEAST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of each kind, at most eight, and what was meant beyond doubt.

    `exact_customer_id`, `exact_product_id` and `exact_purchase_number` are given where the text is a key, an address, a
    SKU, a barcode or a number.
    """

    text: str
    customers: Sequence[ListedCustomer] = ()
    products: Sequence[FoundProduct] = ()
    orders: Sequence[NumberedOrder] = ()
    purchase_orders: Sequence[FoundPurchaseOrder] = ()
    exact_customer_id: int | None = None
    exact_product_id: int | None = None
    exact_purchase_number: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.customers or self.products or self.orders or self.purchase_orders)

    @property
    def exact_count(self) -> int:
        """How many things, of whatever kind, the text names exactly."""
        named = [self.exact_customer_id, self.exact_product_id, self.exact_purchase_number]
        return sum(one is not None for one in named) + len(self.orders)


def search_everything(*, actor: Actor, text: str, today: dt.date) -> Found:
    """What this actor may see of what the text names."""
    if not text:
        return Found(text=text)
    may_see_customers = actor.may(Ability.VIEW_CUSTOMERS)
    products = search_products(text=text, limit=_SHOWN) if actor.may(Ability.VIEW_PRODUCTS) else []
    purchases = (
        search_purchase_orders(text=text, place_codes=actor.place_codes, limit=_SHOWN)
        if actor.may(Ability.VIEW_BUYING)
        else []
    )
    exact_products = [one.id for one in products if one.is_exact]
    return Found(
        text=text,
        customers=_customers(actor=actor, text=text, today=today) if may_see_customers else (),
        products=products,
        orders=_orders(actor=actor, text=text) if actor.may(Ability.VIEW_ORDERS) else (),
        purchase_orders=purchases,
        exact_customer_id=_exact_customer(text) if may_see_customers else None,
        exact_product_id=exact_products[0] if len(exact_products) == 1 else None,
        exact_purchase_number=next((one.number for one in purchases if one.is_exact), None),
    )


def _orders(*, actor: Actor, text: str) -> Sequence[NumberedOrder]:
    """Orders by their number, else by a tracking number or the phone of who receives them."""
    found: Sequence[NumberedOrder] = list_orders_by_number(number=text, limit=_SHOWN)
    if not found and sum(char.isdigit() for char in text) >= _LEAST_DIGITS:
        found = list_orders_by_parcel(text=text, limit=_SHOWN)
    if not found or not actor.place_codes:
        return found
    visible = find_visible_ids(actor=actor, order_ids=[one.id for one in found], ability=Ability.VIEW_ORDERS)
    return [one for one in found if one.id in visible]


def _customers(*, actor: Actor, text: str, today: dt.date) -> Sequence[ListedCustomer]:
    page = list_customers(actor=actor, tab=ALL, search=text, after=None, limit=_SHOWN, today=today)
    return page.rows


def _exact_customer(text: str) -> int | None:
    known = customers.find_customer_by_key(key=text)
    if known is not None:
        return known.id
    return messaging.find_only_customer_with_address(address=text) if "@" in text else None
