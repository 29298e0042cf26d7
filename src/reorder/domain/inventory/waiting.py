"""Backorders: what is promised before it is there. They hold no stock; they stand in the position until goods come."""

import datetime as dt
from collections.abc import Mapping, Sequence
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
_SET = """
WITH given AS (
    SELECT * FROM unnest(%(demand_key)s::text[], %(product_id)s::bigint[], %(units)s::numeric[])
         AS given (demand_key, product_id, units)
), gone AS (
    DELETE FROM inventory_backorder AS known USING given
    WHERE known.demand_key = given.demand_key AND known.product_id = given.product_id AND given.units = 0
    RETURNING known.id
), changed AS (
    UPDATE inventory_backorder AS known SET units = given.units FROM given
    WHERE known.demand_key = given.demand_key AND known.product_id = given.product_id AND given.units > 0
    RETURNING known.id
)
SELECT id FROM gone UNION ALL SELECT id FROM changed
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


def drop_waiting_goods(*, goods: Sequence[tuple[str, int]]) -> int:
    """These (demand key, product id) wait no longer; returns how many waited."""
    return run_sql(
        statement="""DELETE FROM inventory_backorder AS waiting
                     USING unnest(%s::text[], %s::bigint[]) AS given (demand_key, product_id)
                     WHERE waiting.demand_key = given.demand_key AND waiting.product_id = given.product_id""",
        parameters=[[key for key, _product in goods], [product for _key, product in goods]],
    )


def set_waiting(*, units: Mapping[tuple[str, int], Decimal]) -> int:
    """So many units of (demand, product) go on waiting, none: it waits no longer. What does not wait is left out.

    The place in the queue and what was promised stay. Returns how many waited.
    """
    if not units:
        return 0
    given = {
        "demand_key": [demand_key for demand_key, _ in units],
        "product_id": [product_id for _, product_id in units],
        "units": list(units.values()),
    }
    return len(fetch_prepared(statement=_SET, parameters=given))
