"""New orders of ours into the books: orders, lines and their first events, all of a batch in one statement."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reorder.domain.storage import fetch_prepared

_IDS = """
SELECT ARRAY(SELECT nextval(pg_get_serial_sequence('orders_order', 'id')) FROM generate_series(1, %(orders)s::int)),
       ARRAY(SELECT nextval(pg_get_serial_sequence('orders_orderline', 'id')) FROM generate_series(1, %(lines)s::int))
"""
_KNOWN = """
SELECT external_id, id, content_hash, fulfilment, state
FROM orders_order WHERE channel = %(channel)s::text AND external_id = ANY(%(external_ids)s::text[])
"""
# Events in the order in which they are given.
INSERT_EVENTS = """
INSERT INTO orders_orderevent (order_id, kind, happened_at, actor, via, from_state, to_state, reason, details)
SELECT order_id, kind, happened_at, actor, via, from_state, to_state, reason, details
FROM ROWS FROM (jsonb_to_recordset(%(events)s::jsonb) AS (
    order_id bigint, kind text, happened_at timestamptz, actor text, via text, from_state text, to_state text,
    reason text, details jsonb)) WITH ORDINALITY AS given (
    order_id, kind, happened_at, actor, via, from_state, to_state, reason, details, ordinal)
ORDER BY ordinal
RETURNING order_id, kind, id
"""
_ADD = f"""
WITH added AS (
    INSERT INTO orders_order (id, channel, external_id, customer_id, ordered_at, currency, state, fulfilment,
                              payment_state, hold_reasons, ship_postcode, ship_to_id, ship_method, not_before_date,
                              goods_minor, discount_minor, shipping_minor, tax_added_minor, tax_included_minor,
                              total_minor, paid_minor, content_hash)
    OVERRIDING SYSTEM VALUE
    SELECT id, channel, external_id, customer_id, ordered_at, currency, state, 'reorder', payment_state,
           ARRAY(SELECT jsonb_array_elements_text(hold_reasons)), ship_postcode, ship_to_id, ship_method,
           not_before_date, goods_minor, discount_minor, shipping_minor, tax_added_minor, tax_included_minor,
           total_minor, paid_minor, content_hash
    FROM jsonb_to_recordset(%(orders)s::jsonb) AS given (
        id bigint, channel text, external_id text, customer_id bigint, ordered_at timestamptz, currency text,
        state text, payment_state text, hold_reasons jsonb, ship_postcode text, ship_to_id bigint, ship_method text,
        not_before_date date, goods_minor bigint, discount_minor bigint, shipping_minor bigint,
        tax_added_minor bigint, tax_included_minor bigint, total_minor bigint, paid_minor bigint, content_hash text)
    -- By the key on which two batches of the same orders meet: so they do not wait for each other in a ring.
    ORDER BY external_id
), lines AS (
    INSERT INTO orders_orderline (id, order_id, line_key, product_id, units, unit_price_minor, discount_minor,
                                  demand_place_code)
    OVERRIDING SYSTEM VALUE
    SELECT id, order_id, line_key, product_id, units, unit_price_minor, discount_minor, demand_place_code
    FROM jsonb_to_recordset(%(lines)s::jsonb) AS given (
        id bigint, order_id bigint, line_key text, product_id bigint, units numeric, unit_price_minor bigint,
        discount_minor bigint, demand_place_code text)
    ORDER BY id
), events AS (
    {INSERT_EVENTS}
)
SELECT order_id, kind, id FROM events
"""  # noqa: S608 - made of constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A new order of ours; amounts in minor units of its currency: total = goods − discount + shipping + tax added."""

    id: int
    channel: str
    external_id: str
    customer_id: int
    ordered_at: dt.datetime
    currency: str
    state: str
    payment_state: str
    hold_reasons: tuple[str, ...] = ()
    ship_postcode: str = ""
    ship_to_id: int | None = None
    ship_method: str = ""
    not_before_date: dt.date | None = None
    goods_minor: int
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_added_minor: int = 0
    tax_included_minor: int = 0
    total_minor: int
    paid_minor: int = 0
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineRow:
    """A line of a new order; `discount_minor` is its share of all discounts of the order."""

    id: int
    order_id: int
    line_key: str
    product_id: int
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int = 0
    demand_place_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """What happened to an order; details hold keys and figures, no personal facts."""

    order_id: int
    kind: str
    happened_at: dt.datetime
    actor: str
    via: str
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order that is there already under the channel's id."""

    external_id: str
    id: int
    content_hash: str
    fulfilment: str
    state: str


@dataclass(frozen=True, slots=True)
class AddedEvent:
    """An event that was written, with its number."""

    order_id: int
    kind: str
    id: int


def reserve_ids(*, orders_count: int, lines_count: int) -> tuple[list[int], list[int]]:
    """Numbers for orders and lines before they are written, so that stock can be promised to them first."""
    found = fetch_prepared(statement=_IDS, parameters={"orders": orders_count, "lines": lines_count})
    return found[0][0], found[0][1]


def find_known_orders(*, channel: str, external_ids: Sequence[str]) -> dict[str, KnownOrder]:
    """Orders of a channel that are there already, by the channel's id."""
    rows = fetch_prepared(statement=_KNOWN, parameters={"channel": channel, "external_ids": list(external_ids)})
    return {row[0]: KnownOrder(*row) for row in rows}


def add_orders(
    *, orders: Sequence[OrderRow], lines: Sequence[OrderLineRow], events: Sequence[EventRow]
) -> list[AddedEvent]:
    """Write orders with reserved numbers, their lines and events; the database checks that totals reconcile."""
    given = {
        "orders": as_json(rows=orders),
        "lines": as_json(rows=lines),
        "events": as_json(rows=events),
    }
    return [AddedEvent(*row) for row in fetch_prepared(statement=_ADD, parameters=given)]


def as_json(*, rows: Sequence[OrderRow | OrderLineRow | EventRow]) -> str:
    """Rows as one parameter of a statement that opens them by name."""
    # Not `asdict`: it copies every value deeply.
    return json.dumps(
        [{name: getattr(row, name) for name in row.__slots__} for row in rows], default=_plain, ensure_ascii=False
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
