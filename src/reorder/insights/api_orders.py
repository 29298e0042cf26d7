"""Orders for the API: one, a page of them, or those that changed, each with all that belongs to it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.errors import UnknownFulfilment
from reorder.insights.reading import conditions, read_rows
from reorder.kernel.stored_json import read_json

# Two steps: the numbers of a page by an index, then what is shown of them.
_PICK: Final = """
SELECT bought.id FROM orders_order AS bought {where} ORDER BY bought.ordered_at DESC, bought.id DESC LIMIT %(limit)s
"""
_CHANGED: Final = """
SELECT id, order_id, happened_at FROM orders_orderevent WHERE id > %(after)s::bigint ORDER BY id LIMIT %(limit)s::int
"""
_LINES: Final = """
SELECT json_agg(json_build_object('line_key', line.line_key, 'sku', product.sku, 'product_name', product.name,
                                  'units', line.units::text, 'unit_price_minor', line.unit_price_minor,
                                  'discount_minor', line.discount_minor, 'place_code', line.demand_place_code)
                ORDER BY line.id)
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = bought.id
"""
_SENT: Final = """
SELECT json_agg(json_build_object('id', sent.id, 'order_id', sent.order_id, 'place_code', place.code,
                                  'state', sent.state, 'service_code', sent.service_code, 'carrier', sent.carrier,
                                  'tracking_number', sent.tracking_number, 'ship_by_at', sent.ship_by_at,
                                  'shipped_at', sent.shipped_at, 'delivered_at', sent.delivered_at,
                                  'lines', goods.lines)
                ORDER BY sent.id)
FROM warehouse_fulfilmentorder AS sent JOIN inventory_place AS place ON place.id = sent.place_id,
LATERAL (
    SELECT json_agg(json_build_object('line_key', line.line_key, 'sku', product.sku, 'units', part.units::text,
                                      'order_line_id', line.id, 'product_id', product.id)
                    ORDER BY part.id) AS lines
    FROM warehouse_fulfilmentline AS part JOIN orders_orderline AS line ON line.id = part.order_line_id
    JOIN catalog_product AS product ON product.id = part.product_id
    WHERE part.fulfilment_id = sent.id
) AS goods
"""
_ADDRESS: Final = """
SELECT json_build_object('name', name, 'phone', phone, 'company', company, 'country', country, 'postcode', postcode,
                         'region', region, 'city', city, 'line1', line1, 'line2', line2, 'store_code', store_code,
                         'note', note)
FROM customers_address WHERE customers_address.id = bought.ship_to_id
"""
_COLUMNS: Final = (
    "id", "channel", "external_id", "customer_id", "customer_key", "ordered_at", "currency", "state", "fulfilment",
    "payment_state", "hold_reasons", "ship_postcode", "ship_method", "not_before_date", "goods_minor",
    "discount_minor", "shipping_minor", "tax_added_minor", "tax_included_minor", "total_minor", "paid_minor",
    "refunded_minor", "recorded_at", "ship_to", "lines", "fulfilments",
)  # fmt: skip
_ORDERS: Final = f"""
SELECT bought.id, bought.channel, bought.external_id, bought.customer_id, customer.key, bought.ordered_at,
       bought.currency, bought.state, bought.fulfilment, bought.payment_state, bought.hold_reasons,
       bought.ship_postcode, bought.ship_method, bought.not_before_date, bought.goods_minor, bought.discount_minor,
       bought.shipping_minor, bought.tax_added_minor, bought.tax_included_minor, bought.total_minor,
       bought.paid_minor, bought.refunded_minor, bought.imported_at,
       CASE WHEN bought.ship_to_id IS NOT NULL THEN ({_ADDRESS}) END,
       ({_LINES}),
       CASE WHEN bought.fulfilment = 'reorder' THEN ({_SENT} WHERE sent.order_id = bought.id) END
FROM orders_order AS bought JOIN customers_customer AS customer ON customer.id = bought.customer_id
WHERE bought.id = ANY (%(ids)s::bigint[])
"""  # noqa: S608 - made of constants only
_FULFILMENTS: Final = f"{_SENT} WHERE sent.id = ANY (%(ids)s::bigint[])"
_PICK_SENT: Final = """
SELECT sent.id FROM warehouse_fulfilmentorder AS sent JOIN inventory_place AS place ON place.id = sent.place_id
{where} ORDER BY sent.id LIMIT %(limit)s
"""
# The numbers of events are given before they are committed: where one is missing, it may still come. After so long
# nobody who was given one is still at work.
SETTLED_AFTER: Final = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line in selling units; amounts in minor units of the order's currency, the discount its share of them all."""

    line_key: str
    sku: str
    product_name: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int
    place_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """Selling units of a product that a place sends for an order line; a bundle's line has one for each component."""

    line_key: str
    sku: str
    units: Decimal
    order_line_id: int
    product_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentFacts:
    """What one place does for an order, as one parcel or several."""

    id: int
    order_id: int
    place_code: str
    state: str
    service_code: str
    carrier: str
    tracking_number: str
    ship_by_at: dt.datetime | None
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    lines: tuple[SentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order with its lines, where it goes, and what the places do about it; amounts in minor units."""

    id: int
    channel: str
    external_id: str
    customer_id: int
    customer_key: str
    ordered_at: dt.datetime
    currency: str
    state: str
    fulfilment: str
    payment_state: str
    hold_reasons: list[str]
    ship_postcode: str
    ship_method: str
    not_before_date: dt.date | None
    goods_minor: int | None
    discount_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    total_minor: int | None
    paid_minor: int
    refunded_minor: int
    recorded_at: dt.datetime
    ship_to: ShippingAddress | None
    lines: tuple[LineFacts, ...]
    fulfilments: tuple[FulfilmentFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders to list; None leaves a condition out. `until_at` is not included."""

    customer_id: int | None = None
    channel: str | None = None
    external_id: str | None = None
    from_at: dt.datetime | None = None
    until_at: dt.datetime | None = None
    fulfilment: str | None = None
    state: str | None = None
    payment_state: str | None = None
    hold_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Orders that something happened to, the number of the last event looked at, and whether there is more by now."""

    orders: tuple[OrderFacts, ...]
    last_event_id: int
    has_more: bool


def get_order(*, order_id: int) -> OrderFacts:
    """One order; raises UnknownOrder."""
    found = _read(ids=[order_id])
    if order_id not in found:
        raise UnknownOrder(order_id=order_id)
    return found[order_id]


def list_orders(*, wanted: Wanted, limit: int, before: tuple[dt.datetime, int] | None = None) -> list[OrderFacts]:
    """The newest orders, by moment and id; those before (moment, id) when given."""
    if wanted.channel is not None and not _has_channel(wanted.channel):
        # Else every order would be looked at to find none of a channel that does not exist.
        return []
    given: dict[str, object] = {
        # The first condition alone lets the database start at the right place of its index.
        """bought.ordered_at <= %(before_at)s
           AND (bought.ordered_at < %(before_at)s OR bought.id < %(before_id)s)""": before,
        "bought.customer_id = %(customer_id)s": wanted.customer_id,
        "bought.channel = %(channel)s": wanted.channel,
        "bought.external_id = %(external_id)s": wanted.external_id,
        "bought.ordered_at >= %(from_at)s": wanted.from_at,
        "bought.ordered_at < %(until_at)s": wanted.until_at,
        "bought.fulfilment = %(fulfilment)s": wanted.fulfilment,
        "bought.payment_state = %(payment_state)s": wanted.payment_state,
        "bought.state = %(state)s": wanted.state,
        # Word for word as in the index of open orders, which is small.
        """bought.fulfilment = 'reorder' AND NOT (bought.state IN ('delivered', 'cancelled'))
           AND %(hold_reason)s = ANY (bought.hold_reasons)""": wanted.hold_reason,
    }
    if wanted.state not in {None, "placed", "cancelled"} or wanted.payment_state not in {None, "none"}:
        # Only orders of ours are ever so far, and their index is small.
        given["bought.fulfilment = 'reorder'"] = True
    parameters: dict[str, Any] = {
        **{one.name: getattr(wanted, one.name) for one in fields(wanted)},
        "before_at": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit,
    }
    rows = read_rows(statement=_PICK.format(where=conditions(given=given)), parameters=parameters)
    return _in_order(ids=[row["id"] for row in rows])


def list_changes(*, after_event_id: int, limit: int, moment: dt.datetime) -> Changes:
    """Orders that something happened to after an event, by their last of `limit` events.

    No event is passed over: one that a slower transaction has yet to commit holds back those after it, for a while.
    """
    rows = fetch_prepared(statement=_CHANGED, parameters={"after": after_event_id, "limit": limit + 1})
    settled = _settled(rows=rows, after=after_event_id, moment=moment)
    seen = settled[:limit]
    order_ids = list(dict.fromkeys(order_id for _, order_id, _ in reversed(seen)))
    return Changes(
        orders=tuple(_in_order(ids=order_ids[::-1])),
        last_event_id=seen[-1][0] if seen else after_event_id,
        has_more=len(settled) > limit,
    )


def get_fulfilment(*, fulfilment_id: int, actor: Actor) -> FulfilmentFacts:
    """What one place does about an order; raises UnknownFulfilment, also where it is none of the actor's places."""
    found = _fulfilments(ids=[fulfilment_id])
    if not found or not actor.may_at(found[0].place_code):
        raise UnknownFulfilment(fulfilment_id=fulfilment_id)
    return found[0]


def list_fulfilments(
    *,
    actor: Actor,
    limit: int,
    after_id: int = 0,
    place_code: str | None = None,
    state: str | None = None,
    order_id: int | None = None,
) -> list[FulfilmentFacts]:
    """What the actor's places do, by number, those after one number."""
    given: dict[str, object] = {
        "sent.id > %(after_id)s": True,
        "place.code = %(place)s": place_code,
        "sent.state = %(state)s": state,
        "sent.order_id = %(order_id)s": order_id,
        "place.code = ANY(%(places)s)": bool(actor.place_codes) or None,
    }
    if state is not None and state not in {"shipped", "delivered", "cancelled"}:
        # Word for word as in the index of what is open at a place.
        given["NOT (sent.state IN ('shipped', 'delivered', 'cancelled'))"] = True
    parameters = {
        "after_id": after_id,
        "place": place_code,
        "state": state,
        "order_id": order_id,
        "places": sorted(actor.place_codes),
        "limit": limit,
    }
    rows = read_rows(statement=_PICK_SENT.format(where=conditions(given=given)), parameters=parameters)
    return _fulfilments(ids=[row["id"] for row in rows])


def _fulfilments(*, ids: Sequence[int]) -> list[FulfilmentFacts]:
    if not ids:
        return []
    rows = fetch_prepared(statement=_FULFILMENTS, parameters={"ids": list(ids)})
    return [_fulfilment(row) for row in _list(rows[0][0])]


def _settled(
    *, rows: Sequence[tuple[int, int, dt.datetime]], after: int, moment: dt.datetime
) -> list[tuple[int, int, dt.datetime]]:
    """Events up to the first gap of which something may still come."""
    found: list[tuple[int, int, dt.datetime]] = []
    expected = after + 1
    for row in rows:
        if row[0] != expected and row[2] > moment - SETTLED_AFTER:
            break
        found.append(row)
        expected = row[0] + 1
    return found


def _has_channel(channel: str) -> bool:
    found = "SELECT EXISTS (SELECT FROM orders_order WHERE channel = %(channel)s::text) AS found"
    return bool(fetch_prepared(statement=found, parameters={"channel": channel})[0][0])


def _in_order(*, ids: Sequence[int]) -> list[OrderFacts]:
    found = _read(ids=ids) if ids else {}
    return [found[order_id] for order_id in ids if order_id in found]


def _read(*, ids: Sequence[int]) -> dict[int, OrderFacts]:
    rows = fetch_prepared(statement=_ORDERS, parameters={"ids": list(ids)})
    return {row[0]: _order(dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def _order(row: Mapping[str, Any]) -> OrderFacts:
    ship_to = read_json(row["ship_to"])
    return OrderFacts(
        **{
            **row,
            "ship_to": ShippingAddress(**ship_to) if ship_to else None,
            "lines": tuple(LineFacts(**{**line, "units": Decimal(line["units"])}) for line in _list(row["lines"])),
            "fulfilments": tuple(_fulfilment(sent) for sent in _list(row["fulfilments"])),
        }
    )


def _fulfilment(row: Mapping[str, Any]) -> FulfilmentFacts:
    moments = {name: _moment(row[name]) for name in ("ship_by_at", "shipped_at", "delivered_at")}
    lines = tuple(SentLine(**{**line, "units": Decimal(line["units"])}) for line in row["lines"] or [])
    return FulfilmentFacts(**{**row, **moments, "lines": lines})


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _list(value: Any) -> list[dict[str, Any]]:
    return list(read_json(value) or [])
