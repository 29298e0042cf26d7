"""What alerts are judged by: stock of every product and place beside its plan, lots that expire, open orders, sales.

Frames over ADBC, in one statement each; units are selling units, costs minor units of their currency.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

import polars as pl

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.storage import read_frame

# Until when stock must last: the next receipt, else the day on which goods ordered at the next review would come. What
# should have come already is hoped for tomorrow.
_POSITIONS: Final = """
WITH wanted AS (
    SELECT product.id, product.sku, product.name, product.state, product.unit_cost_minor, product.currency
    FROM catalog_product AS product WHERE {is_everything} OR product.sku = ANY({skus}::text[])
), position AS (
    SELECT level.product_id, place.code AS place,
           coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock'), 0)::float8 AS on_hand_units,
           coalesce(sum(level.on_hand_units - level.allocated_units - level.held_units)
                    FILTER (WHERE location.kind = 'stock'), 0)::float8 AS free_units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
    WHERE level.owner = {owner} AND ({is_everything} OR level.product_id IN (SELECT id FROM wanted))
    GROUP BY level.product_id, place.code
), receipt AS (
    SELECT DISTINCT ON (line.product_id, place.code) line.product_id, place.code AS place, bought.number,
           greatest(coalesce(line.promised_date, bought.expected_date), {tomorrow}) AS receipt_date,
           (line.ordered_units - line.received_units - line.given_up_units)::float8 AS units
    FROM purchasing_purchaseorder AS bought
    JOIN purchasing_purchaseorderline AS line ON line.order_id = bought.id
    JOIN inventory_place AS place ON place.id = bought.place_id
    WHERE bought.state IN ('placed', 'partly_received')
      AND line.ordered_units > line.received_units + line.given_up_units
    ORDER BY line.product_id, place.code, coalesce(line.promised_date, bought.expected_date), bought.id
), cheapest AS (
    SELECT DISTINCT ON (offer.product_id) offer.product_id, offer.unit_cost_minor, supplier.currency
    FROM purchasing_offer AS offer JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id
    WHERE offer.is_active AND supplier.is_active
    ORDER BY offer.product_id, offer.unit_cost_minor, offer.id
), known AS (
    SELECT wanted.id AS product_id, wanted.sku, wanted.name AS product, wanted.state, place.place,
           coalesce(wanted.unit_cost_minor, cheapest.unit_cost_minor) AS unit_cost_minor,
           CASE WHEN wanted.unit_cost_minor IS NULL THEN coalesce(cheapest.currency, wanted.currency)
                ELSE wanted.currency END AS currency,
           coalesce(position.on_hand_units, 0) AS on_hand_units, coalesce(position.free_units, 0) AS free_units,
           target.safety_stock_units, target.order_up_to_units, target.expected_units, target.lost_unit_cost,
           standing.deviation_units, target.subject IS NOT NULL OR standing.id IS NOT NULL AS is_planned,
           coalesce(target.daily_units, standing.sold_28_units / 28, 0) AS daily_units,
           coalesce(target.lead_days, 0) + {review_days} AS span_days, coalesce(standing.sold_28_units, 0) AS sold_28,
           receipt.receipt_date, receipt.number AS order_number, receipt.units AS receipt_units,
           coalesce(receipt.receipt_date,
                    {as_of} + greatest(ceil(coalesce(target.lead_days, 0) + {review_days})::int, 1)) AS until_date
    FROM wanted
    JOIN (SELECT product_id, place FROM position UNION
          SELECT wanted.id, target.place_code FROM planning_target AS target
          JOIN wanted ON wanted.sku = target.subject) AS place ON place.product_id = wanted.id
    LEFT JOIN position ON position.product_id = wanted.id AND position.place = place.place
    LEFT JOIN planning_target AS target ON target.subject = wanted.sku AND target.place_code = place.place
    LEFT JOIN planning_standing AS standing ON standing.product_id = wanted.id AND standing.place_code = place.place
    LEFT JOIN receipt ON receipt.product_id = wanted.id AND receipt.place = place.place
    LEFT JOIN cheapest ON cheapest.product_id = wanted.id
), planned AS (
    SELECT known.sku, known.place, sum(day.mean_units) AS planned_units, count(*) AS planned_days
    FROM known JOIN planning_demandplanday AS day
      ON day.subject = known.sku AND day.place_code = known.place
     AND day.date >= {as_of} AND day.date < known.until_date
    WHERE {is_everything} OR day.subject = ANY({skus}::text[])
    GROUP BY known.sku, known.place
)
SELECT known.*, coalesce(planned.planned_units, 0) AS planned_units,
       coalesce(planned.planned_days, 0)::bigint AS planned_days, (known.until_date - {as_of})::bigint AS until_days
FROM known LEFT JOIN planned USING (sku, place)
WHERE EXISTS (SELECT FROM inventory_place AS place WHERE place.code = known.place AND place.is_active)
ORDER BY known.sku, known.place
"""
# A lot's day is that of its moves. Lots without a day never expire, so those that do are taken to be sold first.
_LOTS: Final = """
SELECT product.sku, product.name AS product, place.code AS place, level.lot, known.expires_date,
       sum(level.on_hand_units)::float8 AS units
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
JOIN catalog_product AS product ON product.id = level.product_id
JOIN (SELECT product_id, lot, min(expires_date) AS expires_date FROM inventory_move
      WHERE expires_date IS NOT NULL GROUP BY product_id, lot) AS known
  ON known.product_id = level.product_id AND known.lot = level.lot
WHERE level.owner = {owner} AND level.on_hand_units > 0 AND known.expires_date < {before_date}
GROUP BY product.sku, product.name, place.code, level.lot, known.expires_date
ORDER BY product.sku, place.code, known.expires_date, level.lot
"""
_LAST_SALES: Final = """
SELECT product.sku, (sold.last_at AT TIME ZONE {time_zone})::date AS last_sold_date,
       (came.first_at AT TIME ZONE {time_zone})::date AS first_stock_date
FROM catalog_product AS product
LEFT JOIN LATERAL (
    SELECT max(o.ordered_at) AS last_at FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
    WHERE line.product_id = product.id AND o.state = 'placed') AS sold ON TRUE
LEFT JOIN LATERAL (
    SELECT min(move.happened_at) AS first_at FROM inventory_move AS move WHERE move.product_id = product.id) AS came
  ON TRUE
WHERE product.sku = ANY({skus}::text[])
"""
_ORDERS: Final = """
SELECT bought.number, supplier.code AS supplier_code, supplier.name AS supplier, place.code AS place, bought.currency,
       bought.expected_date, (bought.placed_at AT TIME ZONE {time_zone})::date AS placed_date, open.lines_count,
       open.missing_minor, open.missing_units, open.late_date,
       EXISTS (SELECT FROM purchasing_acknowledgement AS said WHERE said.order_id = bought.id)
           OR bought.state = 'partly_received' AS is_confirmed
FROM purchasing_purchaseorder AS bought
JOIN purchasing_supplier AS supplier ON supplier.id = bought.supplier_id
JOIN inventory_place AS place ON place.id = bought.place_id
JOIN LATERAL (
    SELECT count(*) AS lines_count, min(coalesce(line.promised_date, bought.expected_date)) AS late_date,
           sum(line.ordered_units - line.received_units - line.given_up_units)::float8 AS missing_units,
           round(sum((line.ordered_units - line.received_units - line.given_up_units)
                     * coalesce(line.confirmed_cost_minor, line.unit_cost_minor)))::bigint AS missing_minor
    FROM purchasing_purchaseorderline AS line
    WHERE line.order_id = bought.id AND line.ordered_units > line.received_units + line.given_up_units) AS open
  ON open.lines_count > 0
WHERE bought.state IN ('placed', 'partly_received')
ORDER BY bought.number
"""
_SERIES: Final = """
SELECT count(*) AS count, min(subject) AS first FROM planning_forecastchoice
WHERE reason_code IN ('demand.fallback', 'demand.no_method')
"""
_RATES: Final = """
SELECT supplier.currency, count(*) AS count FROM purchasing_supplier AS supplier
WHERE supplier.is_active AND supplier.currency <> {currency}
  AND EXISTS (SELECT FROM purchasing_offer AS offer WHERE offer.supplier_id = supplier.id AND offer.is_active)
  AND NOT EXISTS (SELECT FROM purchasing_exchangerate AS rate WHERE rate.currency = supplier.currency)
GROUP BY supplier.currency ORDER BY supplier.currency
"""


def frame_positions(*, as_of: dt.date, review_days: int, skus: Collection[str] | None = None) -> pl.DataFrame:
    """Stock of each product and active place with its target, next receipt and plan; `skus` None: of everything.

    `planned_units` is the plan of `planned_days` within the `until_days` until the next receipt, or until goods that
    are ordered at the next review would come.
    """
    return read_frame(
        query=_POSITIONS,
        parameters={
            "is_everything": skus is None,
            "skus": sorted(skus or ()),
            "owner": OWN_GOODS,
            "as_of": as_of,
            "tomorrow": as_of + dt.timedelta(days=1),
            "review_days": review_days,
        },
    )


def frame_lots(*, before_date: dt.date) -> pl.DataFrame:
    """Lots in stock that expire before a day, the first one first: sku, product, place, lot, expires_date, units."""
    return read_frame(query=_LOTS, parameters={"owner": OWN_GOODS, "before_date": before_date})


def frame_last_sales(*, skus: Collection[str], time_zone: str) -> pl.DataFrame:
    """When each product was sold last and first moved: sku, last_sold_date, first_stock_date (both may be empty)."""
    return read_frame(query=_LAST_SALES, parameters={"skus": sorted(skus), "time_zone": time_zone})


def frame_open_orders(*, time_zone: str) -> pl.DataFrame:
    """Purchase orders of which more is to come, with what is missing and whether the supplier has said anything."""
    return read_frame(query=_ORDERS, parameters={"time_zone": time_zone})


def frame_failed_series() -> pl.DataFrame:
    """How many series of the last forecast fell back, and the first of them: count, first."""
    return read_frame(query=_SERIES)


def frame_missing_rates(*, currency: str) -> pl.DataFrame:
    """Currencies of suppliers whose worth in the shop's currency nobody has entered: currency, count of suppliers."""
    parameters: dict[str, Any] = {"currency": currency}
    return read_frame(query=_RATES, parameters=parameters)
