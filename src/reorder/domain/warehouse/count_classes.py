"""Which products of a place are A, B and C: written anew each night, read when counts are planned and reported."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from reorder.domain.storage import fetch_prepared, run_sql

# What left the place for customers, at cost where one is known, else at its price.
_MOVED: Final = """
SELECT move.product_id,
       round(sum(move.units) * max(coalesce(product.unit_cost_minor, product.price_minor, 0)))::bigint
FROM inventory_move AS move
JOIN inventory_location AS source ON source.id = move.source_id
JOIN inventory_place AS place ON place.id = source.place_id AND place.code = %(place_code)s::text
JOIN inventory_location AS target ON target.id = move.target_id AND target.kind = 'customer'
JOIN catalog_product AS product ON product.id = move.product_id
WHERE move.happened_at >= %(since)s::timestamptz AND move.happened_at < %(until)s::timestamptz
GROUP BY move.product_id
"""
_WRITE: Final = """
WITH place AS (SELECT id FROM inventory_place WHERE code = %(place_code)s::text), given AS (
    SELECT * FROM unnest(%(product_ids)s::bigint[], %(classes)s::text[], %(moved)s::bigint[])
        AS given (product_id, abc_class, moved_minor)
), gone AS (
    DELETE FROM warehouse_countclass AS known USING place
    WHERE known.place_id = place.id AND NOT EXISTS (SELECT FROM given WHERE given.product_id = known.product_id)
)
INSERT INTO warehouse_countclass AS known (place_id, product_id, abc_class, moved_minor, computed_on)
SELECT place.id, given.product_id, given.abc_class, given.moved_minor, %(today)s::date FROM place, given
ON CONFLICT (place_id, product_id) DO UPDATE
SET abc_class = excluded.abc_class, moved_minor = excluded.moved_minor, computed_on = excluded.computed_on
"""
_PLAN: Final = """
INSERT INTO warehouse_counttask (place_id, bin_id, cause, abc_class, due_on, asked_by)
SELECT bin.place_id, bin.id, 'cycle', given.abc_class, given.due_on, %(asked_by)s
FROM unnest(%(bins)s::text[], %(classes)s::text[], %(days)s::date[]) AS given (code, abc_class, due_on)
JOIN warehouse_bin AS bin ON bin.code = given.code
ON CONFLICT (bin_id) WHERE state IN ('open', 'counting', 'counted') DO NOTHING
"""


def sum_moved_value(*, place_code: str, since: dt.datetime, until: dt.datetime) -> dict[int, int]:
    """What each product was worth that left a place for customers, in minor units, by product."""
    given = {"place_code": place_code, "since": since, "until": until}
    return dict(fetch_prepared(statement=_MOVED, parameters=given))


def write_classes(*, place_code: str, classes: Mapping[int, str], moved: Mapping[int, int], today: dt.date) -> int:
    """Replace the classes of a place; returns how many products have one."""
    ids = sorted(classes)
    return run_sql(
        statement=_WRITE,
        parameters={
            "place_code": place_code,
            "product_ids": ids,
            "classes": [classes[one] for one in ids],
            "moved": [moved.get(one, 0) for one in ids],
            "today": today,
        },
    )


def write_planned(*, bins: list[str], classes: list[str], days: list[dt.date], asked_by: str) -> int:
    """Make cycle counts of bins on days; bins that have an unfinished count keep that. Returns how many are new."""
    given = {"bins": bins, "classes": classes, "days": days, "asked_by": asked_by}
    return run_sql(statement=_PLAN, parameters=given)
