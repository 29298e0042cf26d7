"""One order as a page shows it: who bought what, where each part of it comes from and why, money, and what happened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.customers.addresses import ShippingAddress, find_address
from reorder.domain.messaging import of_customer as messaging
from reorder.domain.messaging.of_customer import PersonMessageRow
from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.orders.life import EventLine, list_events
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.errors import UnknownFulfilment
from reorder.insights.order_returns import OrderReturn, list_order_returns
from reorder.insights.reading import read_rows
from reorder.kernel.stored_json import read_json

_MESSAGES: Final = 12
_ORDER: Final = """
SELECT o.id, o.channel, o.external_id, o.ordered_at, o.currency, o.state, o.fulfilment, o.payment_state,
       o.hold_reasons, o.ship_postcode, o.ship_to_id, o.ship_method, o.not_before_date, o.goods_minor,
       o.discount_minor, o.shipping_minor, o.tax_added_minor, o.tax_included_minor, o.total_minor, o.paid_minor,
       o.refunded_minor, o.merged_into_id, o.tags, into_one.external_id AS merged_into_number,
       o.customer_id, who.name AS customer_name, who.key AS customer_key, who.erased_at IS NOT NULL AS is_erased,
       who.language AS customer_language,
       (SELECT count(*) FROM orders_order AS other
        WHERE other.customer_id = o.customer_id AND other.state NOT IN ('draft', 'cancelled')) AS orders_count,
       (SELECT jsonb_agg(jsonb_build_object('id', other.id, 'number', other.external_id, 'state', other.state,
                   'currency', other.currency, 'total_minor', other.total_minor, 'ordered_at', other.ordered_at,
                   'is_same_address', other.ship_to_id IS NOT DISTINCT FROM o.ship_to_id, 'channel', other.channel)
                   ORDER BY other.id)
        FROM (SELECT * FROM orders_order AS other
              WHERE other.customer_id = o.customer_id AND other.id <> o.id AND other.fulfilment = 'reorder'
                AND other.state IN ('placed', 'allocated') ORDER BY other.id DESC LIMIT 10) AS other) AS siblings
FROM orders_order AS o
JOIN customers_customer AS who ON who.id = o.customer_id
LEFT JOIN orders_order AS into_one ON into_one.id = o.merged_into_id
WHERE o.id = %(order_id)s AND o.state <> 'draft' {where}
"""
_AT_PLACES: Final = """AND EXISTS (SELECT FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place
    ON place.id = part.place_id WHERE part.order_id = o.id AND place.code = ANY (%(own_places)s))"""
_LINES: Final = """
SELECT line.order_id, line.id, line.line_key, line.product_id,
       product.sku, product.name, line.units, line.unit_price_minor,
       line.discount_minor, round(line.units * line.unit_price_minor)::bigint AS amount_minor,
       line.demand_place_code,
       (SELECT jsonb_agg(jsonb_build_object('place', place.code, 'lot', level.lot, 'units', given.units::text,
                   'picked_units', given.picked_units::text, 'expires', level.expires_date, 'sku', goods.sku)
                   ORDER BY level.id)
        FROM inventory_allocation AS given JOIN inventory_level AS level ON level.id = given.level_id
        JOIN inventory_location AS location ON location.id = level.location_id
        JOIN inventory_place AS place ON place.id = location.place_id
        JOIN catalog_product AS goods ON goods.id = level.product_id
        WHERE given.demand_key = 'order_line:' || line.id) AS allocated,
       (SELECT jsonb_agg(jsonb_build_object('place', place.code, 'units', waits.units::text,
                   'promised_date', waits.promised_date, 'sku', goods.sku) ORDER BY waits.id)
        FROM inventory_backorder AS waits JOIN inventory_place AS place ON place.id = waits.place_id
        JOIN catalog_product AS goods ON goods.id = waits.product_id
        WHERE waits.demand_key = 'order_line:' || line.id) AS waiting
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = ANY (%(order_ids)s::bigint[]) ORDER BY line.order_id, line.id
"""
_PARTS: Final = """
SELECT part.order_id, part.id, place.code AS place_code, place.name AS place_name,
       part.state, part.service_code, part.cost_minor,
       part.carrier, part.tracking_number, part.ship_by_at, part.released_at, part.picked_at, part.packed_at,
       part.shipped_at, part.delivered_at,
       (SELECT jsonb_agg(jsonb_build_object('line_id', line.order_line_id, 'product_id', line.product_id,
                   'sku', product.sku, 'name', product.name, 'units', line.units::text) ORDER BY line.id)
        FROM warehouse_fulfilmentline AS line JOIN catalog_product AS product ON product.id = line.product_id
        WHERE line.fulfilment_id = part.id) AS lines
FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place ON place.id = part.place_id
WHERE part.order_id = ANY (%(order_ids)s::bigint[]) ORDER BY part.order_id, part.state = 'cancelled', part.id
"""
_DECISIONS: Final = """
SELECT decided_at, cause, places, candidates, cost_minor, reason FROM warehouse_routingdecision
WHERE order_id = %(order_id)s ORDER BY id DESC LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The order itself; amounts in minor units of its currency, None where nobody told them."""

    id: int
    channel: str
    external_id: str
    ordered_at: dt.datetime
    currency: str
    state: str
    fulfilment: str
    payment_state: str
    hold_reasons: Sequence[str]
    ship_postcode: str
    ship_to_id: int | None
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
    merged_into_id: int | None
    merged_into_number: str | None
    tags: Sequence[str]
    customer_id: int
    customer_name: str
    customer_key: str
    customer_language: str
    is_erased: bool
    orders_count: int
    siblings: Sequence[Mapping[str, Any]]

    @property
    def is_ours(self) -> bool:
        """Whether we promise, route and ship it."""
        return self.fulfilment == "reorder"

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        if not self.is_ours or self.state == "cancelled":
            return 0
        return max((self.total_minor or 0) - (self.paid_minor - self.refunded_minor), 0) if self.owes else 0

    @property
    def owes(self) -> bool:
        """Whether anything is to be paid yet; what was given back as a favour is not asked for again."""
        return self.payment_state in {"unpaid", "cash_on_delivery"}


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; `allocated` tells lots and places, `waiting` what is still to come."""

    order_id: int
    id: int
    line_key: str
    product_id: int
    sku: str
    name: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int
    amount_minor: int | None
    demand_place_code: str
    allocated: Sequence[Mapping[str, Any]]
    waiting: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PartRow:
    """What one place does for the order: lines as line id, product, SKU, name and units."""

    order_id: int
    id: int
    place_code: str
    place_name: str
    state: str
    service_code: str
    cost_minor: int | None
    carrier: str
    tracking_number: str
    ship_by_at: dt.datetime | None
    released_at: dt.datetime | None
    picked_at: dt.datetime | None
    packed_at: dt.datetime | None
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Why these places: candidates, the chosen one first, each with cost and reason."""

    decided_at: dt.datetime
    cause: str
    places: Mapping[str, str]
    candidates: Sequence[Mapping[str, Any]]
    cost_minor: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything on the page of one order."""

    facts: OrderFacts
    lines: Sequence[LineRow]
    parts: Sequence[PartRow]
    decisions: Sequence[DecisionRow]
    events: Sequence[EventLine]
    address: ShippingAddress | None
    messages: Sequence[PersonMessageRow]
    returns: Sequence[OrderReturn] = ()

    @property
    def live_parts(self) -> list[PartRow]:
        """Parts that were not given up."""
        return [part for part in self.parts if part.state != "cancelled"]


def get_order_page(*, actor: Actor, order_id: int) -> OrderPage:
    """One order that this actor may see; raises NotAllowed, UnknownOrder."""
    facts = get_order_facts(actor=actor, order_id=order_id)
    asked = {"order_id": order_id}
    may_see_messages = actor.may(Ability.VIEW_MARKETING_MESSAGES)
    messages = (
        messaging.list_person_messages(customer_id=facts.customer_id, before=None, limit=_MESSAGES)
        if may_see_messages
        else ()
    )
    events = list_events(order_id=order_id)
    return OrderPage(
        facts=facts,
        lines=list_lines(order_ids=[order_id]),
        parts=list_parts(order_ids=[order_id]),
        decisions=[
            DecisionRow(**{**row, "places": read_json(row["places"]), "candidates": read_json(row["candidates"])})
            for row in (read_rows(statement=_DECISIONS, parameters=asked) if facts.is_ours else ())
        ],
        events=events,
        address=find_address(address_id=facts.ship_to_id) if facts.ship_to_id else None,
        messages=[one for one in messages if one.happened_at >= facts.ordered_at],
        # Most orders have none, and their events say so.
        returns=list_order_returns(order_id=order_id)
        if any(event.kind in {"return_requested", "return_opened"} for event in events)
        else (),
    )


def get_order_facts(*, actor: Actor, order_id: int, ability: Ability = Ability.VIEW_ORDERS) -> OrderFacts:
    """The order itself, which this actor may see; raises NotAllowed, UnknownOrder."""
    actor.require(ability)
    if not 0 < order_id < 2**63:
        raise UnknownOrder(order_id=order_id)
    statement = _ORDER.format(where=_AT_PLACES if actor.place_codes else "")
    rows = read_rows(statement=statement, parameters={"order_id": order_id, "own_places": sorted(actor.place_codes)})
    if not rows:
        raise UnknownOrder(order_id=order_id)
    return OrderFacts(**{**rows[0], "siblings": read_json(rows[0]["siblings"]) or ()})


def find_visible_ids(*, actor: Actor, order_ids: Sequence[int], ability: Ability) -> list[int]:
    """Those of these orders of ours that this actor may act on, in their order. Raises NotAllowed."""
    actor.require(ability)
    where = _AT_PLACES if actor.place_codes else ""
    statement = f"SELECT o.id FROM orders_order AS o WHERE o.id = ANY (%(ids)s::bigint[]) {where}"  # noqa: S608 - constants
    given = {"ids": [one for one in order_ids if 0 < one < 2**63], "own_places": sorted(actor.place_codes)}
    known = {row["id"] for row in read_rows(statement=statement, parameters=given)}
    return [one for one in order_ids if one in known]


def get_order_id_of_part(*, actor: Actor, fulfilment_id: int, ability: Ability = Ability.FULFIL_ORDERS) -> int:
    """The order that a fulfilment order of a place of the actor's belongs to; raises NotAllowed, UnknownFulfilment."""
    actor.require(ability)
    rows = read_rows(
        statement="""SELECT part.order_id, place.code FROM warehouse_fulfilmentorder AS part
                     JOIN inventory_place AS place ON place.id = part.place_id WHERE part.id = %(id)s""",
        parameters={"id": min(fulfilment_id, 2**63 - 1)},
    )
    if not rows or not actor.may_at(rows[0]["code"]):
        raise UnknownFulfilment(fulfilment_id=fulfilment_id)
    return int(rows[0]["order_id"])


def list_lines(*, order_ids: Sequence[int]) -> list[LineRow]:
    """The lines of orders, by order, with what stock keeps for each."""
    return [
        LineRow(**{**row, "allocated": read_json(row["allocated"]) or (), "waiting": read_json(row["waiting"]) or ()})
        for row in read_rows(statement=_LINES, parameters={"order_ids": list(order_ids)})
    ]


def list_parts(*, order_ids: Sequence[int]) -> list[PartRow]:
    """What each place does for orders, by order; what was given up comes last."""
    return [
        PartRow(**{**row, "lines": read_json(row["lines"]) or ()})
        for row in read_rows(statement=_PARTS, parameters={"order_ids": list(order_ids)})
    ]
