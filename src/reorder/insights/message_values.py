"""What messages tell of goods, orders and customers: read for many messages at once, one statement a kind of thing."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.insights.reading import read_rows

_ITEMS: Final = """
SELECT item.message_id, product.sku
FROM messaging_outboxitem AS item JOIN catalog_product AS product ON product.id = item.product_id
WHERE item.message_id = ANY(%(ids)s::bigint[]) ORDER BY item.message_id, item.id
"""
_GOODS: Final = """
SELECT product.sku, product.name, product.brand, product.price_minor, product.currency, product.state,
       category.code AS category_code, coalesce(card.page_url, '') AS page_url,
       coalesce(card.picture_url, '') AS picture_url
FROM catalog_product AS product LEFT JOIN marketing_productcard AS card ON card.product_id = product.id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE product.sku = ANY(%(skus)s::text[])
"""
# What a customer bought of a product last, and when it is due again; of a category's product by the category's rhythm.
_PAIRS: Final = """
SELECT wanted.customer_id, wanted.sku, bought.last_at, bought.last_units, due.due_date, due.usual_gap_days
FROM jsonb_to_recordset(%(pairs)s::jsonb) AS wanted (customer_id bigint, sku text)
JOIN catalog_product AS product ON product.sku = wanted.sku
LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN LATERAL (
    SELECT o.ordered_at AS last_at, line.units AS last_units
    FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
    WHERE o.customer_id = wanted.customer_id AND line.product_id = product.id
      AND o.state NOT IN ('draft', 'cancelled')
    ORDER BY o.ordered_at DESC, line.id DESC LIMIT 1) AS bought ON true
LEFT JOIN planning_duedate AS due ON due.customer_id = wanted.customer_id
     AND due.subject = CASE WHEN product.planned_by = 'category' AND category.code IS NOT NULL
                            THEN 'category:' || category.code ELSE product.sku END
"""
_ORDERS: Final = """
SELECT o.id, o.customer_id, o.external_id AS number, o.ordered_at, o.total_minor, o.currency
FROM jsonb_to_recordset(%(pairs)s::jsonb) AS wanted (customer_id bigint, number text)
JOIN orders_order AS o ON o.customer_id = wanted.customer_id AND o.external_id = wanted.number
"""
_RECOMMENDED: Final = """
SELECT ranked.customer_id, item ->> 'sku' AS sku
FROM planning_recommendation AS ranked CROSS JOIN LATERAL jsonb_array_elements(ranked.items) WITH ORDINALITY
     AS listed (item, place)
WHERE ranked.customer_id = ANY(%(ids)s::bigint[]) AND place <= %(limit)s
ORDER BY ranked.customer_id, place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A product as messages show it; the price in minor units of `currency`."""

    sku: str
    name: str
    brand: str
    price_minor: int | None
    currency: str
    state: str
    category_code: str | None
    page_url: str
    picture_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """A customer and a product: the last purchase, when it is due again, and the days between purchases."""

    customer_id: int
    sku: str
    last_at: dt.datetime | None
    last_units: Decimal | None
    due_date: dt.date | None
    usual_gap_days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order as letters name it."""

    id: int
    customer_id: int
    number: str
    ordered_at: dt.datetime
    total_minor: int | None
    currency: str


def list_skus_of_messages(*, message_ids: Collection[int]) -> dict[int, list[str]]:
    """Goods that messages are about, in their order."""
    found: dict[int, list[str]] = {}
    for row in read_rows(statement=_ITEMS, parameters={"ids": list(message_ids)}) if message_ids else []:
        found.setdefault(row["message_id"], []).append(row["sku"])
    return found


def list_goods(*, skus: Collection[str]) -> dict[str, Goods]:
    """Products by SKU; unknown ones are left out."""
    asked = sorted({sku for sku in skus if "\x00" not in sku})
    rows = read_rows(statement=_GOODS, parameters={"skus": asked}) if asked else []
    return {row["sku"]: Goods(**row) for row in rows}


def list_pairs(*, pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], PairFacts]:
    """What is known of customers and products together."""
    if not pairs:
        return {}
    asked = [{"customer_id": customer_id, "sku": sku} for customer_id, sku in sorted(set(pairs)) if "\x00" not in sku]
    rows = read_rows(statement=_PAIRS, parameters={"pairs": json.dumps(asked)})
    return {(row["customer_id"], row["sku"]): PairFacts(**row) for row in rows}


def list_orders_by_numbers(*, pairs: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], OrderFacts]:
    """Orders by customer and number; those of others are left out."""
    if not pairs:
        return {}
    asked = [{"customer_id": customer_id, "number": number} for customer_id, number in sorted(set(pairs))]
    rows = read_rows(statement=_ORDERS, parameters={"pairs": json.dumps(asked).replace("\\u0000", "")})
    return {(row["customer_id"], row["number"]): OrderFacts(**row) for row in rows}


def list_recommended_skus(*, customer_ids: Sequence[int], limit: int) -> dict[int, list[str]]:
    """What was last ranked for customers, the likeliest first."""
    found: dict[int, list[str]] = {}
    rows = read_rows(statement=_RECOMMENDED, parameters={"ids": list(customer_ids), "limit": limit})
    for row in rows if customer_ids else []:
        found.setdefault(row["customer_id"], []).append(row["sku"])
    return found


def find_postal_address() -> str:
    """Where the shop can be reached by post, as its rules of compliance say; empty where nobody said."""
    rows = read_rows(
        statement="SELECT postal_address FROM messaging_compliancepolicy ORDER BY id DESC LIMIT 1", parameters={}
    )
    return str(rows[0]["postal_address"]) if rows else ""


def list_likely_skus(*, customer_id: int, limit: int) -> list[str]:
    """Goods that a message to this customer might be about: the soonest due, then the latest bought, then any."""
    rows = read_rows(
        statement="""SELECT product.sku FROM catalog_product AS product
            LEFT JOIN planning_duedate AS due ON due.customer_id = %(customer)s AND due.subject = product.sku
            LEFT JOIN LATERAL (
                SELECT max(o.ordered_at) AS at FROM orders_order AS o
                JOIN orders_orderline AS line ON line.order_id = o.id
                WHERE o.customer_id = %(customer)s AND line.product_id = product.id) AS bought ON true
            WHERE product.state = 'active' AND product.price_minor IS NOT NULL
            ORDER BY due.due_date NULLS LAST, bought.at DESC NULLS LAST, product.id LIMIT %(limit)s""",
        parameters={"customer": customer_id, "limit": limit},
    )
    return [row["sku"] for row in rows]
