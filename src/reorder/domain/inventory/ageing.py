"""How long goods have been standing where they are, and how much stood there on average: read off the ledger."""

import datetime as dt
from typing import Final

import polars as pl

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.storage import read_frame

# Every move of a place's stock, signed. Between two locations of one place nothing is gained.
_MOVES: Final = """
move AS (
    SELECT m.product_id, target.place_id, m.units::float8 AS units, m.happened_at
    FROM inventory_move AS m JOIN inventory_location AS target ON target.id = m.target_id AND target.kind = 'stock'
    JOIN inventory_location AS source ON source.id = m.source_id
    WHERE m.owner = {owner} AND source.place_id IS DISTINCT FROM target.place_id OR m.owner = {owner}
          AND source.kind <> 'stock'
    UNION ALL
    SELECT m.product_id, source.place_id, -m.units::float8, m.happened_at
    FROM inventory_move AS m JOIN inventory_location AS source ON source.id = m.source_id AND source.kind = 'stock'
    JOIN inventory_location AS target ON target.id = m.target_id
    WHERE m.owner = {owner} AND target.place_id IS DISTINCT FROM source.place_id OR m.owner = {owner}
          AND target.kind <> 'stock'
), place AS (SELECT id, code FROM inventory_place WHERE is_active)"""

# Mean level over the days before a moment: level now − what each move of those days added × the part of the time that
# had gone by before it.
_MEANS: Final = f"""
WITH {_MOVES}, total AS (
    SELECT product_id, place_id, sum(units) AS on_hand, min(happened_at) AS first_at
    FROM move WHERE happened_at < {{moment}}::timestamptz GROUP BY 1, 2
), span AS (
    SELECT total.*, greatest(first_at, {{moment}}::timestamptz - make_interval(days => {{days}})) AS from_at FROM total
), late AS (
    SELECT move.product_id, move.place_id,
           sum(move.units * extract(epoch FROM move.happened_at - span.from_at)) AS unit_seconds
    FROM move JOIN span USING (product_id, place_id)
    WHERE move.happened_at >= span.from_at AND move.happened_at < {{moment}}::timestamptz
    GROUP BY 1, 2
)
SELECT span.product_id, place.code AS place, span.on_hand::float8 AS on_hand_units,
       greatest(span.on_hand - coalesce(late.unit_seconds, 0)
                / nullif(extract(epoch FROM {{moment}}::timestamptz - span.from_at), 0), 0)::float8
           AS mean_on_hand_units,
       (extract(epoch FROM {{moment}}::timestamptz - span.from_at) / 86400)::float8 AS mean_days
FROM span JOIN place ON place.id = span.place_id LEFT JOIN late USING (product_id, place_id)
ORDER BY span.product_id, place.code
"""  # noqa: S608 - made of constants of ours

# First in, first out: what is there now are the units that came last.
_AGES: Final = f"""
WITH {_MOVES}, total AS (
    SELECT product_id, place_id, sum(units) AS on_hand FROM move
    WHERE happened_at < {{moment}}::timestamptz GROUP BY 1, 2 HAVING sum(units) > 0
), came AS (
    SELECT move.product_id, move.place_id, move.units, move.happened_at, total.on_hand,
           sum(move.units) OVER (
               PARTITION BY move.product_id, move.place_id ORDER BY move.happened_at DESC ROWS UNBOUNDED PRECEDING
           ) - move.units AS later
    FROM move JOIN total USING (product_id, place_id)
    WHERE move.units > 0 AND move.happened_at < {{moment}}::timestamptz
)
SELECT came.product_id, place.code AS place,
       floor(extract(epoch FROM {{moment}}::timestamptz - happened_at) / 86400)::bigint AS age_days,
       sum(least(units, on_hand - later))::float8 AS units
FROM came JOIN place ON place.id = came.place_id
WHERE later < on_hand
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - made of constants of ours


def frame_mean_stock(*, moment: dt.datetime, days: int) -> pl.DataFrame:
    """Our own goods at a moment, and their mean over the `days` before it, or since the first move if that is less.

    Columns: product_id, place, on_hand_units, mean_on_hand_units, mean_days (0 where they came at that very moment).
    """
    parameters = {"owner": OWN_GOODS, "moment": moment, "days": days}
    return read_frame(query=_MEANS, parameters=parameters).with_columns(
        pl.col("mean_on_hand_units").fill_null(pl.col("on_hand_units"))
    )


def frame_stock_ages(*, moment: dt.datetime) -> pl.DataFrame:
    """How old what stands there is, first in first out: product_id, place, age_days, units; a row an age."""
    return read_frame(query=_AGES, parameters={"owner": OWN_GOODS, "moment": moment})
