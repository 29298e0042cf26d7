"""What to offer a customer, and what goes with a product, as it may be shown at this moment.

Lists are ranked by nights; discontinued products, empty shelves and sensitive categories are looked at when they are
read, so that a list never offers what cannot be had, or what a customer never bought and others should not see.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

SHOWN: Final = 8
# Reasons of products that the customer bought before: their category may be as private as it likes.
_OWN_CODES: Final = ("recommend.own", "recommend.rhythm")
_STOCK: Final = """
LEFT JOIN LATERAL (
    SELECT sum(level.on_hand_units - level.allocated_units - level.held_units)::float8 AS available_units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
    JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
    WHERE level.product_id = product.id AND level.owner = 'self'
) AS stock ON TRUE
"""
_LIKELY: Final = f"""
SELECT ranked.as_of_date, ranked.method, item.place, item.value->>'sku' AS sku, (item.value->>'score')::float8 AS score,
       item.value->>'code' AS reason_code, item.value->>'parameters' AS parameters,
       product.id AS product_id, product.name, product.price_minor, product.currency,
       coalesce(product.state = 'active', FALSE) AS is_active, coalesce(category.is_sensitive, FALSE) AS is_sensitive,
       stock.available_units, partner.name AS with_name, named.name AS category_name
FROM planning_recommendation AS ranked
LEFT JOIN LATERAL jsonb_array_elements(ranked.items) WITH ORDINALITY AS item (value, place) ON TRUE
LEFT JOIN catalog_product AS product ON product.sku = item.value->>'sku'
LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN catalog_product AS partner ON partner.sku = item.value->'parameters'->>'with_sku'
LEFT JOIN catalog_category AS named ON named.code = item.value->'parameters'->>'category'
{_STOCK}
WHERE ranked.customer_id = %(customer_id)s ORDER BY item.place
"""  # noqa: S608 - constants of ours
_COMPANIONS: Final = f"""
SELECT known.as_of_date, item.place, item.value->>'sku' AS sku, (item.value->>'lift')::float8 AS lift,
       (item.value->>'orders')::int AS orders_together, product.id AS product_id, product.name, product.price_minor,
       product.currency, coalesce(product.state = 'active', FALSE) AS is_active,
       coalesce(category.is_sensitive, FALSE) AND category.id IS DISTINCT FROM asked.category_id AS is_sensitive,
       stock.available_units
FROM planning_companions AS known
JOIN catalog_product AS asked ON asked.sku = known.sku
CROSS JOIN LATERAL jsonb_array_elements(known.items) WITH ORDINALITY AS item (value, place)
LEFT JOIN catalog_product AS product ON product.sku = item.value->>'sku'
LEFT JOIN catalog_category AS category ON category.id = product.category_id
{_STOCK}
WHERE known.sku = %(sku)s ORDER BY item.place
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One product that may be offered. `available_units` is None where nobody counts its stock."""

    product_id: int
    sku: str
    name: str
    price_minor: int | None
    currency: str
    available_units: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyProduct(Offered):
    """A product of a customer's next basket: score from 0 to 1 that only orders, and the reason with its words."""

    score: float
    reason_code: str
    reason_parameters: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion(Offered):
    """A product bought together with another one: how often, and how many times as often as by chance."""

    lift: float
    orders_together: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many ranked products are not shown, by why."""

    out_of_stock: int = 0
    discontinued: int = 0
    sensitive: int = 0


@dataclass(frozen=True, slots=True)
class LikelyBasket:
    """What a customer will probably buy next, the likeliest first, as ranked from `as_of_date` on.

    `method` is `learned` or, where the shop has too few baskets to learn from, `frequency`.
    """

    as_of_date: dt.date
    method: str
    products: Sequence[LikelyProduct]
    left_out: LeftOut


def find_likely_basket(*, actor: Actor | None, customer_id: int, limit: int = SHOWN) -> LikelyBasket | None:
    """Up to `limit` products to offer; None before the first ranking. Raises NotAllowed.

    `actor` is None on the command line, where who may open the database may see everything.
    """
    if actor is not None:
        actor.require(Ability.VIEW_CUSTOMERS)
    rows = read_rows(statement=_LIKELY, parameters={"customer_id": customer_id})
    if not rows:
        return None
    ranked = [row for row in rows if row["sku"] is not None]
    reasons = [_why_not(row, is_own=row["reason_code"] in _OWN_CODES) for row in ranked]
    offered = [row for row, why in zip(ranked, reasons, strict=True) if not why]
    return LikelyBasket(
        as_of_date=rows[0]["as_of_date"],
        method=rows[0]["method"],
        products=[_likely(row) for row in offered[:limit]],
        left_out=LeftOut(**{name: reasons.count(name) for name in ("out_of_stock", "discontinued", "sensitive")}),
    )


def list_companions(*, actor: Actor, sku: str, limit: int = SHOWN) -> list[Companion]:
    """Up to `limit` products bought together with one, the strongest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_PRODUCTS)
    rows = read_rows(statement=_COMPANIONS, parameters={"sku": sku})
    return [
        Companion(lift=row["lift"], orders_together=row["orders_together"], **_offered(row))
        for row in rows
        if not _why_not(row, is_own=False)
    ][:limit]


def _why_not(row: dict[str, Any], *, is_own: bool) -> str:
    """Why a ranked product is not offered; empty when it is."""
    if not row["is_active"]:
        return "discontinued"
    if row["is_sensitive"] and not is_own:
        return "sensitive"
    available = row["available_units"]
    return "out_of_stock" if available is not None and available <= 0 else ""


def _likely(row: dict[str, Any]) -> LikelyProduct:
    parameters = json.loads(row["parameters"])
    if "with_sku" in parameters:
        parameters["with_sku"] = row["with_name"] or parameters["with_sku"]
    if "category" in parameters:
        parameters["category"] = row["category_name"] or parameters["category"]
    return LikelyProduct(
        score=row["score"], reason_code=row["reason_code"], reason_parameters=parameters, **_offered(row)
    )


def _offered(row: dict[str, Any]) -> dict[str, Any]:
    names = ("product_id", "sku", "name", "price_minor", "currency", "available_units")
    return {name: row[name] for name in names}
