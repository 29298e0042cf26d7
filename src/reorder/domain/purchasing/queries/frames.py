"""Suppliers' terms and past receipts as the frames that the engine plans from."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.storage import read_frame
from reorder.kernel.money import minor_digits

# A product is stocked at a place once it has a level there, be it zero. An offer in another currency than the product's
# is valued by the product's own cost, since there is no exchange rate; without such a cost it cannot be compared.
_OFFERS: Final = """
WITH stocked AS (
    SELECT DISTINCT level.product_id, place.code AS place
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    JOIN inventory_place AS place ON place.id = location.place_id
    WHERE level.owner = 'self' AND place.is_active AND place.kind <> 'supplier'
)
SELECT product.sku AS sku, stocked.place AS place, supplier.code AS supplier, product.planned_by AS planned_by,
       offer.pack_units::float8 AS pack_units, offer.minimum_units::float8 AS minimum_units,
       offer.maximum_cover_days::float8 AS maximum_cover_days, product.shelf_life_days::float8 AS shelf_life_days,
       coalesce(offer.lead_days, supplier.lead_days)::bigint AS quoted_lead_days,
       array_to_string(supplier.order_weekdays, ',') AS weekdays, product.currency AS currency,
       product.price_minor AS price_minor,
       CASE WHEN supplier.currency = product.currency THEN offer.unit_cost_minor ELSE product.unit_cost_minor END
           AS cost_minor
FROM purchasing_offer AS offer
JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id AND supplier.is_active
JOIN catalog_product AS product ON product.id = offer.product_id AND product.state = 'active'
JOIN stocked ON stocked.product_id = offer.product_id
WHERE offer.is_active AND (supplier.currency = product.currency OR product.unit_cost_minor IS NOT NULL)
ORDER BY product.sku, stocked.place, cost_minor, supplier.code
"""

_LEAD_TIMES: Final = """
SELECT product.sku AS sku, place.code AS place, supplier.code AS supplier,
       greatest((receipt.received_at AT TIME ZONE {time_zone})::date
                - (bought.placed_at AT TIME ZONE {time_zone})::date, 0)::bigint AS lead_days,
       (receipt.received_at AT TIME ZONE {time_zone})::date AS received_date
FROM purchasing_receiptline AS received
JOIN purchasing_receipt AS receipt ON receipt.id = received.receipt_id
JOIN purchasing_purchaseorderline AS line ON line.id = received.order_line_id
JOIN purchasing_purchaseorder AS bought ON bought.id = line.order_id
JOIN purchasing_supplier AS supplier ON supplier.id = bought.supplier_id
JOIN inventory_place AS place ON place.id = bought.place_id
JOIN catalog_product AS product ON product.id = line.product_id
WHERE receipt.received_at < ({before_date}::date::timestamp AT TIME ZONE {time_zone})
ORDER BY receipt.received_at, received.id
"""


def frame_constraints() -> pl.DataFrame:
    """The engine's CONSTRAINTS: a row for every active offer and place where its product is stocked.

    `unit_cost` is in major units of the product's currency.
    """
    return _offers().select(
        "sku",
        "place",
        "supplier",
        "pack_units",
        "minimum_units",
        "maximum_cover_days",
        "shelf_life_days",
        "unit_cost",
        pl.col("weekdays").str.split(",").list.eval(pl.element().cast(pl.Int64)).alias("order_weekdays"),
    )


def frame_lead_times(*, before_date: dt.date | None = None) -> pl.DataFrame:
    """The engine's LEAD_TIMES: a row for every received line, in days of the shop's calendar from order to receipt.

    A line that came in parts counts once a part. With `before_date` only what had come before that day.
    """
    parameters = {"time_zone": settings.REORDER.time_zone, "before_date": before_date or dt.date(9999, 1, 1)}
    return read_frame(query=_LEAD_TIMES, parameters=parameters)


def frame_terms(
    *, service_level: float, review_days: int, holding_share_per_day: float, order_cost: float
) -> pl.DataFrame:
    """The engine's TERMS for every active product with an offer, at every place that stocks it.

    Products planned as a part of their category have no demand of their own and are left out. The cheapest offer
    gives unit_cost and the extra columns supplier and quoted_lead_days; lost_unit_cost is the margin, not below zero,
    and zero where no price is known.
    """
    cheapest = _offers().filter(pl.col("planned_by") == "product").unique(["sku", "place"], keep="first")
    return cheapest.sort("sku", "place").select(
        "sku",
        "place",
        pl.lit(service_level).alias("service_level"),
        pl.lit(review_days, dtype=pl.Int64).alias("review_days"),
        "unit_cost",
        pl.lit(holding_share_per_day).alias("holding_share_per_day"),
        pl.lit(order_cost).alias("order_cost"),
        (pl.col("price") - pl.col("unit_cost")).clip(lower_bound=0.0).fill_null(0.0).alias("lost_unit_cost"),
        "supplier",
        "quoted_lead_days",
    )


def frame_expected_receipts() -> pl.DataFrame:
    """The next day on which more of a product is expected from open purchase orders: sku, expected_date."""
    return read_frame(
        query="""SELECT product.sku, min(o.expected_date) AS expected_date
                 FROM purchasing_purchaseorder AS o
                 JOIN purchasing_purchaseorderline AS line ON line.order_id = o.id
                 JOIN catalog_product AS product ON product.id = line.product_id
                 WHERE o.state IN ('placed', 'partly_received') AND line.received_units < line.ordered_units
                 GROUP BY product.sku"""
    )


def _offers() -> pl.DataFrame:
    """Offers by place, cheapest first within a SKU and place, with unit_cost and price in major units."""
    offers = read_frame(query=_OFFERS)
    scale = {code: 10.0 ** minor_digits(currency=code) for code in offers["currency"].unique().to_list()}
    minor_in_major = pl.col("currency").replace_strict(scale, return_dtype=pl.Float64, default=None)
    return offers.with_columns(
        (pl.col("cost_minor") / minor_in_major).alias("unit_cost"),
        (pl.col("price_minor") / minor_in_major).alias("price"),
    )
