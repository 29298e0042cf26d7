"""What an order costs: loads products, rules, rates and fees, and lets the engine price it. Nothing is written."""

from reorder.flows.pricing.carting import (
    CartLine,
    NoPointsHere,
    NotSold,
    ShippingChoice,
    UnknownSkus,
    WrongCurrency,
    list_ways_of_shipping,
    price_cart,
)
from reorder.flows.pricing.telling import details_of_price, uses_of_price

__all__ = [
    "CartLine",
    "NoPointsHere",
    "NotSold",
    "ShippingChoice",
    "UnknownSkus",
    "WrongCurrency",
    "details_of_price",
    "list_ways_of_shipping",
    "price_cart",
    "uses_of_price",
]
