"""Suppliers' terms and past receipts as the frames that the engine plans from."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.storage import minor_in_major, read_frame

# A product is stocked at a place once it has a level there, be it zero. Costs of offers and prices of products meet in
# the product's currency by the latest rates (what one unit is worth in the shop's currency). What a supplier's goods
# cost on top (freight, duty) is learned from its deliveries of the last year, once there are a few.
_OFFERS: Final = """
WITH stocked AS (
    SELECT DISTINCT level.product_id, place.code AS place
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    JOIN inventory_place AS place ON place.id = location.place_id
    WHERE level.owner = 'self' AND place.is_active AND place.kind <> 'supplier'
), rate AS (
    SELECT DISTINCT ON (currency) currency, rate::float8 AS rate FROM purchasing_exchangerate
    ORDER BY currency, rate_date DESC
), landed AS (
    SELECT bought.supplier_id, sum(line.landed_cost_minor)::float8 / sum(line.goods_cost_minor) AS share
    FROM purchasing_receiptline AS line
    JOIN purchasing_receipt AS receipt ON receipt.id = line.receipt_id
    JOIN purchasing_purchaseorder AS bought ON bought.id = receipt.order_id
    WHERE line.goods_cost_minor > 0
      AND receipt.received_at > (SELECT max(received_at) FROM purchasing_receipt) - interval '365 days'
    GROUP BY bought.supplier_id HAVING count(DISTINCT receipt.id) >= {least_receipts}
)
SELECT product.sku AS sku, stocked.place AS place, supplier.code AS supplier, product.planned_by AS planned_by,
       offer.pack_units::float8 AS pack_units, offer.minimum_units::float8 AS minimum_units,
       offer.maximum_cover_days::float8 AS maximum_cover_days, product.shelf_life_days::float8 AS shelf_life_days,
       CASE WHEN supplier.counts_working_days
            THEN ceil(coalesce(offer.lead_days, supplier.lead_days) * 7 / 5.0)
            ELSE coalesce(offer.lead_days, supplier.lead_days) END::bigint AS quoted_lead_days,
       array_to_string(supplier.order_weekdays, ',') AS weekdays, product.currency AS currency,
       product.price_minor AS price_minor,
       supplier.currency AS offer_currency, product.unit_cost_minor AS own_cost_minor,
       coalesce(offer.order_unit_cost_minor / offer.order_unit_units, offer.unit_cost_minor)::float8
           AS offer_cost_minor,
       CASE WHEN supplier.currency = {shop} THEN 1.0 ELSE offer_rate.rate END AS offer_rate,
       CASE WHEN product.currency = {shop} THEN 1.0 ELSE product_rate.rate END AS product_rate,
       coalesce(landed.share, 0.0) AS landed_share
FROM purchasing_offer AS offer
JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id AND supplier.is_active
JOIN catalog_product AS product ON product.id = offer.product_id AND product.state = 'active'
JOIN stocked ON stocked.product_id = offer.product_id
LEFT JOIN rate AS offer_rate ON offer_rate.currency = supplier.currency
LEFT JOIN rate AS product_rate ON product_rate.currency = product.currency
LEFT JOIN landed ON landed.supplier_id = supplier.id
WHERE offer.is_active
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


# Fewer deliveries than these say nothing about what a supplier's goods cost on top.
_LEAST_RECEIPTS: Final = 3


def frame_constraints() -> pl.DataFrame:
    """The engine's CONSTRAINTS: a row for every active offer and place where its product is stocked.

    `unit_cost` is the offer in major units of the product's currency. An offer whose currency nobody has valued takes
    no part beside one that can be compared; alone it counts at the product's own cost, and not at all without one.
    `list_unvalued_offers` names them all.
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
    gives unit_cost (landed: with what the supplier's deliveries cost on top) and the extra columns supplier and
    quoted_lead_days; lost_unit_cost is the margin on that, not below zero, and zero where no price is known.
    """
    cheapest = _offers().filter(pl.col("planned_by") == "product").unique(["sku", "place"], keep="first")
    landed = cheapest.with_columns((pl.col("unit_cost") * (1.0 + pl.col("landed_share"))).alias("unit_cost"))
    return landed.sort("sku", "place").select(
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
        query="""SELECT product.sku, min(coalesce(line.promised_date, o.expected_date)) AS expected_date
                 FROM purchasing_purchaseorder AS o
                 JOIN purchasing_purchaseorderline AS line ON line.order_id = o.id
                 JOIN catalog_product AS product ON product.id = line.product_id
                 WHERE o.state IN ('placed', 'partly_received')
                   AND line.received_units < line.ordered_units - line.given_up_units
                 GROUP BY product.sku"""
    )


def _offers() -> pl.DataFrame:
    """Offers by place, cheapest first within a SKU and place, with unit_cost and price in major units."""
    parameters = {"shop": settings.REORDER.currency, "least_receipts": _LEAST_RECEIPTS}
    offers = read_frame(query=_OFFERS, parameters=parameters)
    same = pl.col("offer_currency") == pl.col("currency")
    ratio = pl.when(same).then(1.0).otherwise(pl.col("offer_rate") / pl.col("product_rate"))
    valued = offers.with_columns(
        (pl.col("offer_cost_minor") / minor_in_major(table=offers, column="offer_currency") * ratio).alias(
            "offer_cost"
        ),
        (pl.col("own_cost_minor") / minor_in_major(table=offers, column="currency")).alias("own_cost"),
        (pl.col("price_minor") / minor_in_major(table=offers, column="currency")).alias("price"),
    ).with_columns(pl.col("offer_cost").is_not_null().any().over("sku", "place").alias("has_valued"))
    return (
        valued.with_columns(
            pl.when(pl.col("has_valued")).then("offer_cost").otherwise("own_cost").alias("unit_cost"),
        )
        .filter(pl.col("unit_cost").is_not_null())
        .sort("sku", "place", "unit_cost", "supplier")
    )
