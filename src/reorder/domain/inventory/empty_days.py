"""Days on which a place had none of a product, as far as the ledger knows: sales of such days say nothing of demand."""

import datetime as dt
from typing import Final

import polars as pl

from reorder.domain.storage import read_frame

# What the goods of a product at a place came to at the end of each day with a move. Days between two such days are as
# the first of them ended; the days of moves themselves count as days with stock.
_SPELLS: Final = """
WITH delta AS (
    SELECT move.product_id, place.code AS place,
           (move.happened_at AT TIME ZONE {time_zone})::date AS date,
           sum(CASE WHEN target.place_id IS NOT NULL AND target.kind = 'stock' THEN move.units ELSE 0 END
             - CASE WHEN source.place_id IS NOT NULL AND source.kind = 'stock' THEN move.units ELSE 0 END) AS units
    FROM inventory_move AS move
    JOIN inventory_location AS source ON source.id = move.source_id
    JOIN inventory_location AS target ON target.id = move.target_id
    JOIN inventory_place AS place ON place.id = CASE WHEN target.kind = 'stock' THEN target.place_id
                                                     ELSE source.place_id END
    WHERE (source.kind = 'stock' OR target.kind = 'stock')
      AND source.place_id IS DISTINCT FROM target.place_id
      AND move.happened_at < ({before_date}::date::timestamp AT TIME ZONE {time_zone})
    GROUP BY 1, 2, 3
    UNION ALL
    -- The other end of a transfer between places.
    SELECT move.product_id, place.code, (move.happened_at AT TIME ZONE {time_zone})::date, -sum(move.units)
    FROM inventory_move AS move
    JOIN inventory_location AS source ON source.id = move.source_id AND source.kind = 'stock'
    JOIN inventory_location AS target ON target.id = move.target_id AND target.kind = 'stock'
    JOIN inventory_place AS place ON place.id = source.place_id
    WHERE source.place_id <> target.place_id
      AND move.happened_at < ({before_date}::date::timestamp AT TIME ZONE {time_zone})
    GROUP BY 1, 2, 3
), daily AS (
    SELECT product_id, place, date, sum(units) AS units FROM delta GROUP BY 1, 2, 3
), balance AS (
    SELECT product_id, place, date, sum(units) OVER series AS units,
           lead(date) OVER series AS next_date
    FROM daily WINDOW series AS (PARTITION BY product_id, place ORDER BY date)
)
SELECT product.sku, balance.place, balance.date + 1 AS from_date,
       coalesce(balance.next_date, {before_date}::date) AS before_date
FROM balance JOIN catalog_product AS product ON product.id = balance.product_id
WHERE balance.units <= 0 AND coalesce(balance.next_date, {before_date}::date) > balance.date + 1
  AND product.planned_by = 'product'
ORDER BY 1, 2, 3
"""


def frame_empty_spells(*, before_date: dt.date, time_zone: str) -> pl.DataFrame:
    """Spells without stock before a day: sku, place, from_date, before_date (the day after the last).

    A product planned as a part of its category has none here: the others of the category may have been there.
    """
    found = read_frame(query=_SPELLS, parameters={"before_date": before_date, "time_zone": time_zone})
    return found.with_columns(pl.col("from_date", "before_date").cast(pl.Date))
