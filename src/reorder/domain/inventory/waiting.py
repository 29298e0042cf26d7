"""Backorders: what is promised before it is there. They hold no stock; they stand in the position until goods come."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reorder.domain.storage import fetch_prepared, run_sql

# Goods that never stood at the place get a level there: the position, from which is bought, has a row for each.
_RECORD = """
WITH given AS (
    SELECT given.*, place.id AS place_id
    FROM unnest(%(demand_key)s::text[], %(product_id)s::bigint[], %(place_code)s::text[], %(kind)s::text[],
                %(units)s::numeric[], %(promised_date)s::date[])
         AS given (demand_key, product_id, place_code, kind, units, promised_date)
    JOIN inventory_place AS place ON place.code = given.place_code
), opened AS (
    INSERT INTO inventory_level (product_id, location_id, owner)
    SELECT DISTINCT given.product_id, location.id, 'self'
    FROM given JOIN inventory_location AS location ON location.code = 'stock:' || given.place_code
    ORDER BY 1, 2
    ON CONFLICT (product_id, location_id, owner, lot) DO NOTHING
)
INSERT INTO inventory_backorder AS known (demand_key, product_id, place_id, kind, units, promised_date)
SELECT demand_key, product_id, place_id, kind, units, promised_date FROM given ORDER BY demand_key, product_id
ON CONFLICT (demand_key, product_id) DO UPDATE
SET place_id = excluded.place_id, kind = excluded.kind, units = excluded.units, promised_date = excluded.promised_date
RETURNING 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBackorder:
    """Selling units that a demand waits for at a place."""

    demand_key: str
    product_id: int
    place_code: str
    units: Decimal
    kind: Literal["backorder", "preorder"] = "backorder"
    promised_date: dt.date | None = None


def record_backorders(*, backorders: Sequence[NewBackorder]) -> int:
    """Let demands wait; one that waits already waits for what is given now. Returns how many were written."""
    names = ("demand_key", "product_id", "place_code", "kind", "units", "promised_date")
    return len(
        fetch_prepared(
            statement=_RECORD, parameters={name: [getattr(one, name) for one in backorders] for name in names}
        )
    )


def drop_backorders(*, demand_keys: Sequence[str]) -> int:
    """These demands wait no longer: their goods came, or nobody wants them; returns how many waited."""
    return run_sql(
        statement="DELETE FROM inventory_backorder WHERE demand_key = ANY(%s)", parameters=[list(demand_keys)]
    )
