"""How fulfilment orders move on: every change states what it starts from; the caller holds their order."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from reorder.domain.storage import fetch_prepared, run_sql
from reorder.domain.warehouse.errors import UnknownFulfilment
from reorder.domain.warehouse.rules import stamp_of, stamps_after
from reorder.kernel.stored_json import read_json

_LOCK = """
WITH held AS MATERIALIZED (
    SELECT id, order_id, place_id, state, service_code, carrier, tracking_number, ship_by_at
    FROM warehouse_fulfilmentorder WHERE order_id = ANY(%(order_ids)s::bigint[]) ORDER BY id FOR UPDATE
)
SELECT held.id, held.order_id, place.code, held.state, held.service_code, held.carrier, held.tracking_number,
       held.ship_by_at,
       coalesce((SELECT jsonb_agg(jsonb_build_array(line.order_line_id, line.product_id, product.sku, line.units::text,
                                                    picked.units)
                                  ORDER BY line.order_line_id, line.product_id)
                 FROM warehouse_fulfilmentline AS line JOIN catalog_product AS product ON product.id = line.product_id
                 LEFT JOIN LATERAL (
                     SELECT sum(pick.picked_units)::text AS units FROM warehouse_pickline AS pick
                     WHERE held.state = 'released' AND pick.fulfilment_id = held.id AND pick.state = 'picked'
                       AND pick.order_line_id = line.order_line_id AND pick.product_id = line.product_id
                 ) AS picked ON true
                 WHERE line.fulfilment_id = held.id), '[]'::jsonb),
       EXISTS (SELECT FROM warehouse_bin AS bin WHERE bin.place_id = held.place_id)
FROM held JOIN inventory_place AS place ON place.id = held.place_id ORDER BY held.id
"""
_SET_LINES = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS given (
        fulfilment_id bigint, order_line_id bigint, product_id bigint, units numeric)
), gone AS (
    DELETE FROM warehouse_fulfilmentline AS line USING given
    WHERE given.units = 0 AND line.fulfilment_id = given.fulfilment_id AND line.order_line_id = given.order_line_id
      AND line.product_id = given.product_id
)
INSERT INTO warehouse_fulfilmentline (fulfilment_id, order_line_id, product_id, units)
SELECT fulfilment_id, order_line_id, product_id, units FROM given WHERE units > 0 ORDER BY 1, 2, 3
ON CONFLICT (fulfilment_id, order_line_id, product_id) DO UPDATE SET units = excluded.units
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class HeldGoods:
    """Units of a product that a fulfilment order sends for an order line.

    Of a released one `picked_units` are off the shelf already, line by line in a wave.
    """

    order_line_id: int
    product_id: int
    sku: str
    units: Decimal
    picked_units: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeldFulfilment:
    """A fulfilment order that nobody else changes until the transaction ends; `has_bins`: its place has some."""

    id: int
    order_id: int
    place_code: str
    state: str
    service_code: str
    carrier: str
    tracking_number: str
    ship_by_at: dt.datetime | None
    lines: tuple[HeldGoods, ...]
    has_bins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsChange:
    """From now on the fulfilment order sends so many units for the line; none: it sends it no longer."""

    fulfilment_id: int
    order_line_id: int
    product_id: int
    units: Decimal


@dataclass(frozen=True, slots=True)
class LateFulfilment:
    """A fulfilment order that should have left its place."""

    id: int
    order_id: int
    place_code: str
    state: str
    ship_by_at: dt.datetime


def find_order_of(*, fulfilment_id: int) -> int:
    """The order that a fulfilment order belongs to, so that the caller can hold it first. Raises UnknownFulfilment."""
    rows = fetch_prepared(
        statement="SELECT order_id FROM warehouse_fulfilmentorder WHERE id = %(id)s::bigint",
        parameters={"id": fulfilment_id},
    )
    if not rows:
        raise UnknownFulfilment(fulfilment_id=fulfilment_id)
    return int(rows[0][0])


def lock_fulfilments(*, order_ids: Sequence[int]) -> list[HeldFulfilment]:
    """Hold all fulfilment orders of orders that the caller holds, live or not, by their numbers."""
    rows = fetch_prepared(statement=_LOCK, parameters={"order_ids": list(order_ids)})
    return [HeldFulfilment(*(*row[:8], tuple(_goods(one) for one in _json(row[8])), row[9])) for row in rows]


def change_fulfilments(
    *,
    ids: Sequence[int],
    from_states: Sequence[str],
    to_state: str,
    moment: dt.datetime,
    carrier: str | None = None,
    tracking_number: str | None = None,
) -> int:
    """Bring fulfilment orders to a state, forward or back; returns how many were in one of `from_states`.

    Going back forgets the moments of what is undone. Carrier and tracking number stay where none is given.
    """
    parts = [f"{name} = NULL" for name in stamps_after(state=to_state)]
    stamp = stamp_of(state=to_state)
    if stamp:
        parts.append(f"{stamp} = coalesce({stamp}, %(moment)s)")
    given: dict[str, Any] = {"ids": list(ids), "from_states": list(from_states), "state": to_state, "moment": moment}
    for name, value in (("carrier", carrier), ("tracking_number", tracking_number)):
        if value is not None:
            parts.append(f"{name} = %({name})s")
            given[name] = value
    changes = ", ".join(["state = %(state)s", *parts])
    return run_sql(
        statement=f"""UPDATE warehouse_fulfilmentorder SET {changes}
                      WHERE id = ANY(%(ids)s) AND state = ANY(%(from_states)s)""",  # noqa: S608 - our own words
        parameters=given,
    )


def set_goods(*, changes: Sequence[GoodsChange]) -> int:
    """Write what fulfilment orders send; returns how many lines they keep of those given."""
    if not changes:
        return 0
    rows = json.dumps([asdict(one) for one in changes], default=str)
    return len(fetch_prepared(statement=_SET_LINES, parameters={"lines": rows}))


def reassign_fulfilments(*, ids: Sequence[int], to_order_id: int) -> int:
    """Give fulfilment orders to another order, as their lines were given; returns how many."""
    return run_sql(
        statement="UPDATE warehouse_fulfilmentorder SET order_id = %s WHERE id = ANY(%s)",
        parameters=[to_order_id, list(ids)],
    )


def list_late(*, moment: dt.datetime, limit: int = 500) -> list[LateFulfilment]:
    """Fulfilment orders that should have left by `moment`, the most overdue first."""
    rows = fetch_prepared(
        statement="""
        SELECT late.id, late.order_id, place.code, late.state, late.ship_by_at
        FROM warehouse_fulfilmentorder AS late JOIN inventory_place AS place ON place.id = late.place_id
        WHERE late.state NOT IN ('shipped', 'delivered', 'cancelled') AND late.ship_by_at <= %(moment)s::timestamptz
        ORDER BY late.ship_by_at, late.id LIMIT %(limit)s::bigint""",
        parameters={"moment": moment, "limit": limit},
    )
    return [LateFulfilment(*row) for row in rows]


def list_untold_late(*, moment: dt.datetime, limit: int = 500) -> list[LateFulfilment]:
    """Late fulfilment orders of which nobody was told yet, by their orders."""
    rows = fetch_prepared(
        statement="""
        SELECT late.id, late.order_id, place.code, late.state, late.ship_by_at
        FROM warehouse_fulfilmentorder AS late JOIN inventory_place AS place ON place.id = late.place_id
        WHERE late.state NOT IN ('shipped', 'delivered', 'cancelled') AND late.ship_by_at <= %(moment)s::timestamptz
          AND late.told_late_at IS NULL
        ORDER BY late.order_id, late.id LIMIT %(limit)s::bigint""",
        parameters={"moment": moment, "limit": limit},
    )
    return [LateFulfilment(*row) for row in rows]


def mark_told_late(*, fulfilment_id: int, moment: dt.datetime) -> bool:
    """Somebody is told of it now; False when somebody was, or it has left. The caller holds its order."""
    return bool(
        run_sql(
            statement="""
            UPDATE warehouse_fulfilmentorder SET told_late_at = %(moment)s
            WHERE id = %(id)s AND told_late_at IS NULL AND state NOT IN ('shipped', 'delivered', 'cancelled')
              AND ship_by_at <= %(moment)s""",
            parameters={"id": fulfilment_id, "moment": moment},
        )
    )


def count_late(*, moment: dt.datetime) -> int:
    """How many fulfilment orders should have left by `moment`."""
    rows = fetch_prepared(
        statement="""
        SELECT count(*) FROM warehouse_fulfilmentorder
        WHERE state NOT IN ('shipped', 'delivered', 'cancelled') AND ship_by_at <= %(moment)s::timestamptz""",
        parameters={"moment": moment},
    )
    return int(rows[0][0])


def _goods(row: Sequence[Any]) -> HeldGoods:
    return HeldGoods(
        order_line_id=row[0],
        product_id=row[1],
        sku=row[2],
        units=Decimal(row[3]),
        picked_units=Decimal(row[4] or 0),
    )


def _json(value: Any) -> list[list[Any]]:
    return list(read_json(value))
