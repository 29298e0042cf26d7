"""What somebody who types an order in looks for: who buys, where they had it sent before, and products with stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.searching import search_products
from reorder.domain.customers import queries as customers
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.messaging import queries as messaging
from reorder.domain.messaging.of_customer import get_reach
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

_SHOWN: Final = 8
_ADDRESSES: Final = """
SELECT name, phone, company, country, postcode, region, city, line1, line2, store_code, note
FROM customers_address WHERE customer_id = %(customer_id)s ORDER BY id DESC LIMIT 1
"""
_PRODUCTS: Final = """
SELECT product.sku, product.name, product.currency, product.price_minor,
       coalesce(sum(level.on_hand_units - level.allocated_units - level.held_units)
                FILTER (WHERE location.kind = 'stock'), 0) AS free_units
FROM catalog_product AS product
LEFT JOIN inventory_level AS level ON level.product_id = product.id
LEFT JOIN inventory_location AS location ON location.id = level.location_id
WHERE product.id = ANY (%(ids)s::bigint[]) AND product.state = 'active'
GROUP BY product.id ORDER BY array_position(%(ids)s::bigint[], product.id)
"""


@dataclass(frozen=True, slots=True)
class FoundBuyer:
    """A customer who may be meant."""

    id: int
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class ChosenBuyer:
    """Who buys, with an e-mail address and the address of their last order as far as they are known."""

    id: int
    name: str
    key: str
    email: str
    address: ShippingAddress | None


@dataclass(frozen=True, slots=True)
class FoundGoods:
    """A product that can be bought, its price in minor units, and free units over all places."""

    sku: str
    name: str
    currency: str
    price_minor: int | None
    free_units: Decimal


def find_buyers(*, actor: Actor, text: str) -> Sequence[FoundBuyer]:
    """Customers whom the text may mean: a name, a key or a whole e-mail address. Raises NotAllowed."""
    actor.require(Ability.VIEW_CUSTOMERS)
    ids = customers.find_customers_by_words(text=text, limit=_SHOWN)
    ids += messaging.list_customers_by_address(address=text) if "@" in text else []
    known = customers.list_customer_names(ids=ids[:_SHOWN])
    return [FoundBuyer(id=one.id, name=one.name or one.key, key=one.key) for one in known.values()]


def find_chosen_buyer(*, actor: Actor, customer_id: int) -> ChosenBuyer | None:
    """One customer, None when there is none any more. Raises NotAllowed."""
    actor.require(Ability.VIEW_CUSTOMERS)
    one = customers.list_customer_names(ids=[customer_id]).get(customer_id)
    if one is None:
        return None
    points = get_reach(customer_id=customer_id).contact_points
    rows = read_rows(statement=_ADDRESSES, parameters={"customer_id": customer_id})
    return ChosenBuyer(
        id=one.id,
        name=one.name or one.key,
        key=one.key,
        email=next((point.address for point in points if point.channel == "email"), ""),
        address=ShippingAddress(**rows[0]) if rows else None,
    )


def find_goods(*, text: str) -> Sequence[FoundGoods]:
    """Active products by SKU, barcode or words of their names."""
    ids = [one.id for one in search_products(text=text, limit=_SHOWN)]
    return [FoundGoods(**row) for row in read_rows(statement=_PRODUCTS, parameters={"ids": ids})]
