"""Why proposals changed since an earlier night: both nights' numbers and what happened between them."""

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

from django.db import connection

from reorder.domain.purchasing.causes import Cause, Meanwhile, Standing, find_causes
from reorder.domain.purchasing.queries.changes import ComparedNights
from reorder.kernel.stored_json import read_json

# The last proposal that the earlier night had for the product and place, and the one that stands now.
_STANDINGS: Final = """
WITH asked AS (SELECT * FROM unnest(%(skus)s::text[], %(places)s::text[]) AS asked (sku, place)),
known AS (
    SELECT asked.sku, asked.place, product.id AS product_id, place.id AS place_id
    FROM asked JOIN catalog_product AS product ON product.sku = asked.sku
    JOIN inventory_place AS place ON place.code = asked.place
)
SELECT known.sku, known.place, earlier.position_units, earlier.reorder_point_units, earlier.basis,
       later.position_units, later.reorder_point_units, later.basis
FROM known
LEFT JOIN LATERAL (
    SELECT position_units, reorder_point_units, basis, id FROM purchasing_proposal AS one
    WHERE one.product_id = known.product_id AND one.place_id = known.place_id AND one.run_key >= %(earlier)s
      AND one.created_at <= %(finished_at)s ORDER BY id DESC LIMIT 1
) AS earlier ON true
LEFT JOIN LATERAL (
    SELECT position_units, reorder_point_units, basis, id FROM purchasing_proposal AS one
    WHERE one.product_id = known.product_id AND one.place_id = known.place_id AND one.run_key >= %(current)s
      AND one.state <> 'superseded' ORDER BY id DESC LIMIT 1
) AS later ON later.id IS DISTINCT FROM earlier.id
"""
_MEANWHILE: Final = """
WITH asked AS (SELECT * FROM unnest(%(skus)s::text[], %(places)s::text[]) AS asked (sku, place))
SELECT asked.sku, asked.place,
       coalesce((SELECT sum(CASE WHEN source.kind = 'stock' AND source_place.code = asked.place THEN move.units
                                 ELSE 0 END
                            - CASE WHEN target.kind = 'stock' AND target_place.code = asked.place THEN move.units
                                   ELSE 0 END)
                 FROM inventory_move AS move
                 JOIN inventory_location AS source ON source.id = move.source_id
                 JOIN inventory_location AS target ON target.id = move.target_id
                 LEFT JOIN inventory_place AS source_place ON source_place.id = source.place_id
                 LEFT JOIN inventory_place AS target_place ON target_place.id = target.place_id
                 WHERE move.product_id = product.id AND move.recorded_at > %(finished_at)s), 0)::float8,
       coalesce((SELECT sum(units) FROM planning_commitment AS held
                 WHERE held.subject = asked.sku AND held.place_code IN (asked.place, '*')
                   AND held.kind <> 'reminder' AND held.withdrawn_at IS NULL AND held.recorded_at > %(finished_at)s
                   AND held.date >= %(today)s), 0)::float8,
       rule.author, rule.note, week.previous_units, week.mean_units
FROM asked JOIN catalog_product AS product ON product.sku = asked.sku
LEFT JOIN LATERAL (
    SELECT author, note FROM planning_stockrule
    WHERE subject = asked.sku AND place_code IN (asked.place, '*') AND recorded_at > %(finished_at)s
    ORDER BY place_code DESC LIMIT 1
) AS rule ON true
LEFT JOIN LATERAL (
    SELECT previous_units, mean_units FROM planning_demandweek
    WHERE scope = 'subject' AND key = asked.sku AND place_code = asked.place AND week = 0
) AS week ON true
"""


def causes_of(
    *, nights: ComparedNights, keys: Collection[tuple[str, str]], today: dt.date
) -> dict[tuple[str, str], list[Cause]]:
    """What changed for each (SKU, place code) since the earlier night; `today` is the shop's day."""
    pairs = sorted(set(keys))
    asked: dict[str, Any] = {
        "skus": [sku for sku, _ in pairs],
        "places": [place for _, place in pairs],
        "earlier": nights.earlier,
        "current": nights.current,
        "finished_at": nights.finished_at,
        "today": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, asked)
        standings = {(row[0], row[1]): (_standing(*row[2:5]), _standing(*row[5:8])) for row in cursor.fetchall()}
        cursor.execute(_MEANWHILE, asked)
        happened = {(row[0], row[1]): _meanwhile(*row[2:]) for row in cursor.fetchall()}
    return {
        key: find_causes(before=before, after=after, meanwhile=happened.get(key, Meanwhile()))
        for key, (before, after) in standings.items()
    }


def _standing(position: float | None, reorder_point: float | None, basis: Any) -> Standing | None:
    if position is None:
        return None
    kept = read_json(basis) or {}
    return Standing(
        position_units=position,
        reorder_point_units=reorder_point,
        daily_units=kept.get("daily_units"),
        safety_stock_units=kept.get("safety_stock_units"),
        lead_days=kept.get("lead_days"),
    )


def _meanwhile(
    left: float, committed: float, author: str | None, note: str | None, before: float | None, after: float | None
) -> Meanwhile:
    return Meanwhile(
        left_units=left,
        committed_units=committed,
        rule_author=author or "",
        rule_note=note or "",
        plan_before_units=before,
        plan_after_units=after,
    )
