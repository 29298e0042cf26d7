"""How the content of an order of ours changes: lines, terms and amounts, each guarded by what it starts from.

The caller holds the order's row (`life.lock_order`), so that nobody else changes it meanwhile; events are appended by
`life`.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from reorder.domain.orders.placing import OrderLineRow
from reorder.domain.storage import fetch_prepared, run_sql
from reorder.kernel.stored_json import read_json

_LINES = """
SELECT line.id, line.order_id, line.line_key, line.product_id, product.sku, line.units, line.unit_price_minor,
       line.discount_minor, line.demand_place_code
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = ANY(%(order_ids)s::bigint[]) ORDER BY line.order_id, line.id
"""
_CHANGE_LINES = """
WITH changed AS (
    UPDATE orders_orderline AS line
    SET units = given.units, unit_price_minor = given.unit_price_minor, discount_minor = given.discount_minor
    FROM jsonb_to_recordset(%(lines)s::jsonb) AS given (
        id bigint, units numeric, unit_price_minor bigint, discount_minor bigint)
    WHERE line.id = given.id AND line.order_id = %(order_id)s::bigint
    RETURNING line.id
)
SELECT count(*) FROM changed
"""
_ADD_LINES = """
INSERT INTO orders_orderline (id, order_id, line_key, product_id, units, unit_price_minor, discount_minor,
                              demand_place_code)
OVERRIDING SYSTEM VALUE
SELECT id, order_id, line_key, product_id, units, unit_price_minor, discount_minor, demand_place_code
FROM jsonb_to_recordset(%(lines)s::jsonb) AS given (
    id bigint, order_id bigint, line_key text, product_id bigint, units numeric, unit_price_minor bigint,
    discount_minor bigint, demand_place_code text)
ORDER BY id
RETURNING 1
"""
_CHANGE_TERMS = """
UPDATE orders_order
SET ship_to_id = %(ship_to_id)s, ship_postcode = %(ship_postcode)s, ship_method = %(ship_method)s,
    not_before_date = %(not_before_date)s, goods_minor = %(goods_minor)s, discount_minor = %(discount_minor)s,
    shipping_minor = %(shipping_minor)s, tax_added_minor = %(tax_added_minor)s,
    tax_included_minor = %(tax_included_minor)s, total_minor = %(total_minor)s, paid_minor = %(paid_minor)s,
    refunded_minor = %(refunded_minor)s, payment_state = %(payment_state)s
WHERE id = %(order_id)s AND fulfilment = 'reorder' AND state = ANY(%(from_states)s)
"""
_MOVE_LINES = """
UPDATE orders_orderline SET order_id = %(to_order_id)s, line_key = given.line_key
FROM unnest(%(ids)s::bigint[], %(line_keys)s::text[]) AS given (line_id, line_key)
WHERE orders_orderline.id = given.line_id AND orders_orderline.order_id = ANY(%(from_order_ids)s)
"""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line of an order that the caller holds; amounts in minor units of the order's currency."""

    id: int
    order_id: int
    line_key: str
    product_id: int
    sku: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int
    demand_place_code: str


@dataclass(frozen=True, slots=True)
class MergedOrder:
    """An order that became part of another one: its lines with their keys, its money, and its state before.

    `is_as_it_was`: no money came or went since, and nothing was priced anew, so that it can be taken out as it came.
    """

    order_id: int
    line_keys: Mapping[int, str]
    money: Mapping[str, int]
    payments: Sequence[dict[str, Any]]
    from_state: str
    step_ids: Sequence[int]
    uses: Mapping[str, int]
    is_as_it_was: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """Everything of an order that an edit can change beside its lines; total = goods − discount + shipping + tax."""

    ship_to_id: int | None
    ship_postcode: str
    ship_method: str
    not_before_date: dt.date | None
    goods_minor: int
    discount_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    total_minor: int
    paid_minor: int
    refunded_minor: int
    payment_state: str


def latest_event_id(*, order_id: int) -> int:
    """The number of the last event of an order that the caller holds: no two of its changes start from the same one."""
    rows = fetch_prepared(
        statement="SELECT max(id) FROM orders_orderevent WHERE order_id = %(order_id)s::bigint",
        parameters={"order_id": order_id},
    )
    return int(rows[0][0] or 0)


def is_priced_here(*, order_id: int) -> bool:
    """Whether our rules made the price of an order: an event of it explains it, or it used a discount of ours.

    So for every order that was merged into it too: what another system gave off is not priced away.
    """
    rows = fetch_prepared(
        statement="""
        WITH RECURSIVE part (id) AS (
            SELECT %(id)s::bigint
            UNION SELECT o.id FROM orders_order AS o JOIN part ON o.merged_into_id = part.id)
        SELECT bool_and((EXISTS (SELECT FROM orders_orderevent AS event
                                 WHERE event.order_id = part.id AND event.details ? 'price')
                      OR EXISTS (SELECT FROM orders_priceruleuse AS used WHERE used.order_id = part.id))
                    -- Its uses came with orders that were merged into it.
                    AND NOT EXISTS (SELECT FROM orders_orderevent AS event
                                    WHERE event.order_id = part.id AND event.kind = 'merged'
                                      AND event.details @> '{"is_priced_here": false}'))
        FROM part""",
        parameters={"id": order_id},
    )
    return bool(rows[0][0])


def list_held_lines(*, order_ids: Sequence[int]) -> list[HeldLine]:
    """The lines of orders that the caller holds, by order and line."""
    return [HeldLine(*row) for row in fetch_prepared(statement=_LINES, parameters={"order_ids": list(order_ids)})]


def change_lines(*, order_id: int, lines: Sequence[HeldLine]) -> int:
    """Write units, price and discount of lines of one order; returns how many there were."""
    rows = [asdict(line) for line in lines]
    given = {"order_id": order_id, "lines": json.dumps(rows, default=str)}
    return int(fetch_prepared(statement=_CHANGE_LINES, parameters=given)[0][0])


def add_lines(*, lines: Sequence[OrderLineRow]) -> int:
    """Write new lines with reserved numbers; returns how many."""
    rows = json.dumps([asdict(line) for line in lines], default=str, ensure_ascii=False)
    return len(fetch_prepared(statement=_ADD_LINES, parameters={"lines": rows}))


def remove_lines(*, order_id: int, line_ids: Sequence[int]) -> int:
    """Delete lines that nobody wants any more; their promises and fulfilment lines must be gone. Returns how many."""
    return run_sql(
        statement="DELETE FROM orders_orderline WHERE order_id = %s AND id = ANY(%s)",
        parameters=[order_id, list(line_ids)],
    )


def change_terms(*, order_id: int, terms: OrderTerms, from_states: Sequence[str]) -> bool:
    """Write terms and amounts; False when the order is in none of `from_states` (any more)."""
    given: dict[str, Any] = {field.name: getattr(terms, field.name) for field in fields(OrderTerms)}
    return bool(
        run_sql(statement=_CHANGE_TERMS, parameters=given | {"order_id": order_id, "from_states": list(from_states)})
    )


def move_lines(*, line_keys: Mapping[int, str], from_order_ids: Sequence[int], to_order_id: int) -> int:
    """Give lines to another order of the same customer, under new keys; returns how many moved."""
    given = {
        "ids": list(line_keys),
        "line_keys": list(line_keys.values()),
        "from_order_ids": list(from_order_ids),
        "to_order_id": to_order_id,
    }
    return run_sql(statement=_MOVE_LINES, parameters=given)


def set_merged_into(*, order_id: int, into_id: int | None) -> bool:
    """Link an order to the one that it became part of, or take the link away."""
    return bool(
        run_sql(
            statement="UPDATE orders_order SET merged_into_id = %s WHERE id = %s AND fulfilment = 'reorder'",
            parameters=[into_id, order_id],
        )
    )


def list_merged(*, into_id: int) -> list[MergedOrder]:
    """The orders that are part of this one, by what their last event told."""
    rows = fetch_prepared(
        statement="""
        SELECT o.id, merged.details, NOT EXISTS (
                   SELECT FROM orders_orderevent AS since
                   WHERE since.order_id = %(id)s::bigint AND since.id > merged.id
                     AND (since.kind IN ('payment_received', 'refund_made', 'step_failed')
                          OR since.details ? 'price'
                          -- Money that went with other lines.
                          OR (since.kind = 'split' AND since.details ? 'paid_minor')))
        FROM orders_order AS o CROSS JOIN LATERAL (
            SELECT event.id, event.details FROM orders_orderevent AS event
            WHERE event.order_id = o.id AND event.kind = 'cancelled' AND event.reason = 'merged'
            ORDER BY event.id DESC LIMIT 1) AS merged
        WHERE o.merged_into_id = %(id)s::bigint ORDER BY o.id""",
        parameters={"id": into_id},
    )
    return [
        MergedOrder(
            order_id=order_id,
            line_keys={int(line_id): key for line_id, key in told["lines"].items()},
            money=told["money"],
            payments=told["payments"],
            from_state=told["from_state"],
            step_ids=told.get("steps", ()),
            uses=told.get("uses", {}),
            is_as_it_was=is_as_it_was,
        )
        for order_id, details, is_as_it_was in rows
        if (told := read_json(details))
    ]


def change_tags(*, order_id: int, added: Sequence[str], removed: Sequence[str]) -> bool:
    """Add and take away words by which people find orders again; False when that changes nothing."""
    return bool(
        run_sql(
            statement="""
            UPDATE orders_order SET tags = new.tags
            FROM (SELECT id, ARRAY(SELECT tag FROM (
                                SELECT unnest(tags) UNION SELECT unnest(%(added)s::text[])) AS every (tag)
                            WHERE tag <> ALL(%(removed)s::text[]) ORDER BY tag) AS tags
                  FROM orders_order WHERE id = %(order_id)s) AS new
            WHERE orders_order.id = new.id AND orders_order.tags <> new.tags""",
            parameters={"order_id": order_id, "added": list(added), "removed": list(removed)},
        )
    )


__all__ = [
    "HeldLine",
    "MergedOrder",
    "OrderTerms",
    "add_lines",
    "change_lines",
    "change_tags",
    "change_terms",
    "is_priced_here",
    "latest_event_id",
    "list_held_lines",
    "list_merged",
    "move_lines",
    "remove_lines",
    "set_merged_into",
]
