"""Goods as customers of the portal see them: what they usually buy, what they look for, what a bundle is made of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.catalog.bundles import list_parts
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.insights.reading import read_rows
from reorder.kernel.patterns import like_literal

# The products in most of a customer's orders, of those that can be bought; the due date is that of the last night.
_USUAL = """
SELECT product.id AS product_id, product.sku, product.name, product.price_minor, product.currency,
       product.is_sold_in_fractions, bought.orders_count, bought.last_at, bought.last_units,
       bought.last_unit_price_minor, due.due_date
FROM (
    SELECT line.product_id, count(DISTINCT o.id) AS orders_count, max(o.ordered_at) AS last_at,
           (array_agg(line.units ORDER BY o.ordered_at DESC, line.id DESC))[1] AS last_units,
           (array_agg(line.unit_price_minor ORDER BY o.ordered_at DESC, line.id DESC))[1] AS last_unit_price_minor
    FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
    WHERE o.customer_id = %(customer_id)s AND o.state NOT IN ('draft', 'cancelled')
    GROUP BY line.product_id
) AS bought
JOIN catalog_product AS product ON product.id = bought.product_id
LEFT JOIN planning_duedate AS due ON due.customer_id = %(customer_id)s AND due.subject = product.sku
     AND due.active_share >= 0.5 AND due.last_bought_date >= (bought.last_at AT TIME ZONE %(time_zone)s)::date
WHERE product.state = 'active' AND product.price_minor IS NOT NULL AND product.currency = %(currency)s
ORDER BY bought.orders_count DESC, bought.last_at DESC, product.id LIMIT %(limit)s
"""
# The catalogue is small enough to be read for words within a name; what begins with the text comes first.
_FOUND = """
SELECT product.id AS product_id, product.sku, product.name, product.price_minor, product.currency,
       product.is_sold_in_fractions
FROM catalog_product AS product
WHERE product.state = 'active' AND product.price_minor IS NOT NULL AND product.currency = %(currency)s
  AND product.name ILIKE ALL(%(words)s::text[])
ORDER BY product.name NOT ILIKE %(start)s, product.name, product.id LIMIT %(limit)s
"""
_NAMES = "SELECT id, name FROM catalog_product WHERE id = ANY(%(ids)s::bigint[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldProduct:
    """A product that can be bought: its price in minor units for one unit."""

    product_id: int
    sku: str
    name: str
    price_minor: int
    currency: str
    is_sold_in_fractions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualProduct:
    """A product that a customer buys: how often, what and when last, and when it is expected to be needed again."""

    product_id: int
    sku: str
    name: str
    price_minor: int
    currency: str
    is_sold_in_fractions: bool
    orders_count: int
    last_at: dt.datetime
    last_units: Decimal
    last_unit_price_minor: int | None
    due_date: dt.date | None

    @property
    def was_other_price(self) -> bool:
        """Whether a unit cost something else the last time."""
        return self.last_unit_price_minor not in {None, 0, self.price_minor}


def list_usual_products(*, customer_id: int, currency: str, time_zone: str, limit: int) -> list[UsualProduct]:
    """What a customer buys most often and can buy again, the soonest needed first; without a day, by how often."""
    rows = read_rows(
        statement=_USUAL,
        parameters={"customer_id": customer_id, "currency": currency, "time_zone": time_zone, "limit": limit},
    )
    found = [UsualProduct(**row) for row in rows]
    return sorted(found, key=lambda one: (one.due_date is None, one.due_date or dt.date.max, -one.orders_count))


def search_sold_products(*, text: str, currency: str, limit: int) -> list[SoldProduct]:
    """Up to `limit` products that can be bought whose name has every word, in any case."""
    words = [f"%{like_literal(text=word)}%" for word in text.replace("\x00", "").split()[:8]]
    if not words:
        return []
    parameters = {
        "words": words,
        "start": f"{like_literal(text=text.strip())}%".replace("\x00", ""),
        "currency": currency,
        "limit": limit,
    }
    return [SoldProduct(**row) for row in read_rows(statement=_FOUND, parameters=parameters)]


def list_components(*, product_ids: Sequence[int]) -> dict[int, list[tuple[str, Decimal]]]:
    """What one of each of these bundles is made of: units by name; products that are none are left out."""
    parts = list_parts(product_ids=product_ids)
    if not parts:
        return {}
    ids = sorted({component for made in parts.values() for component, _ in made})
    names = {row["id"]: row["name"] for row in read_rows(statement=_NAMES, parameters={"ids": ids})}
    return {bundle: [(names[component], units) for component, units in made] for bundle, made in parts.items()}


def list_names(*, skus: Sequence[str]) -> dict[str, str]:
    """What these products are called; unknown ones are left out."""
    return {sku: product.name for sku, product in list_products_by_sku(skus=skus).items()}
