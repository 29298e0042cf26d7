"""How an order of ours moves on: every change states what it starts from, and appends its event with it."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reorder.domain.orders.errors import NotOurs, UnknownOrder
from reorder.domain.orders.models import OrderEvent
from reorder.domain.orders.placing import INSERT_EVENTS, AddedEvent, EventRow, as_json
from reorder.domain.storage import fetch_prepared

_LOCK = """
SELECT id, channel, external_id, customer_id, ordered_at, currency, state, fulfilment, payment_state, hold_reasons,
       ship_to_id, ship_postcode, ship_method, not_before_date, goods_minor, discount_minor, shipping_minor,
       tax_added_minor, tax_included_minor, total_minor, paid_minor, refunded_minor
FROM orders_order WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE
"""
_EVENT_COLUMNS = """
    INSERT INTO orders_orderevent (order_id, kind, happened_at, actor, via, from_state, to_state, reason, details)
    SELECT changed.id, %(kind)s::text, %(happened_at)s::timestamptz, %(actor)s::text, %(via)s::text, changed.old_state,
           changed.new_state, %(reason)s::text, %(details)s::jsonb
    FROM changed RETURNING order_id, kind, id
"""
_CHANGE_STATE = f"""
WITH old AS (
    SELECT id, state FROM orders_order
    WHERE id = %(order_id)s::bigint AND fulfilment = 'reorder' AND state = ANY(%(from_states)s::text[]) FOR UPDATE
), changed AS (
    UPDATE orders_order AS o SET state = %(to_state)s::text FROM old WHERE o.id = old.id
    RETURNING o.id, old.state AS old_state, o.state AS new_state
)
{_EVENT_COLUMNS}
"""  # noqa: S608 - made of constants only
_CHANGE_HOLDS = f"""
WITH old AS (
    SELECT id, state, hold_reasons,
           ARRAY(SELECT reason FROM (
                    SELECT unnest(hold_reasons) UNION SELECT unnest(%(added)s::text[])) AS every (reason)
                 WHERE reason <> ALL(%(removed)s::text[]) ORDER BY reason) AS new_reasons
    FROM orders_order
    WHERE id = %(order_id)s::bigint AND fulfilment = 'reorder' AND state = ANY(%(from_states)s::text[]) FOR UPDATE
), changed AS (
    UPDATE orders_order AS o SET hold_reasons = old.new_reasons FROM old
    WHERE o.id = old.id AND old.new_reasons <> o.hold_reasons
    RETURNING o.id, old.state AS old_state, o.state AS new_state
)
{_EVENT_COLUMNS}
"""  # noqa: S608 - made of constants only
_EVENT_NAMES = ("id", "kind", "happened_at", "actor", "via", "from_state", "to_state", "reason", "details")


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order that nobody else changes until the transaction ends; amounts in minor units of its currency."""

    id: int
    channel: str
    external_id: str
    customer_id: int
    ordered_at: dt.datetime
    currency: str
    state: str
    fulfilment: str
    payment_state: str
    hold_reasons: list[str]
    ship_to_id: int | None
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


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of an order as it is shown."""

    id: int
    kind: str
    happened_at: dt.datetime
    actor: str
    via: str
    from_state: str
    to_state: str
    reason: str
    details: dict[str, Any]


def lock_order(*, order_id: int) -> LockedOrder:
    """Hold one order of ours until the transaction ends; before anything of its stock. Raises UnknownOrder, NotOurs."""
    found = lock_orders(order_ids=[order_id])
    if not found:
        raise UnknownOrder(order_id=order_id)
    if found[0].fulfilment != "reorder":
        raise NotOurs(order=found[0].external_id)
    return found[0]


def lock_orders(*, order_ids: Sequence[int]) -> list[LockedOrder]:
    """Hold orders, in the order of their numbers; those that are not there are left out."""
    return [LockedOrder(*row) for row in fetch_prepared(statement=_LOCK, parameters={"ids": list(order_ids)})]


def change_state(*, event: EventRow, from_states: Sequence[str]) -> AddedEvent | None:
    """Bring an order to `event.to_state`, with its event; None when it is in none of `from_states` (any more)."""
    given = _event(event) | {"to_state": event.to_state, "from_states": list(from_states)}
    return _first(fetch_prepared(statement=_CHANGE_STATE, parameters=given))


def change_hold_reasons(
    *, event: EventRow, from_states: Sequence[str], added: Sequence[str] = (), removed: Sequence[str] = ()
) -> AddedEvent | None:
    """Add and take away reasons to wait, with their event; None when that changes nothing."""
    given = _event(event) | {"added": list(added), "removed": list(removed), "from_states": list(from_states)}
    return _first(fetch_prepared(statement=_CHANGE_HOLDS, parameters=given))


def add_events(*, events: Sequence[EventRow]) -> list[AddedEvent]:
    """Append events that change no state: a note, an edit, a message."""
    given = {"events": as_json(rows=events)}
    return [AddedEvent(*row) for row in fetch_prepared(statement=INSERT_EVENTS, parameters=given)]


def list_events(*, order_id: int, after: int = 0, limit: int = 500) -> list[EventLine]:
    """What happened to an order, the first first, from the event after `after` on."""
    found = OrderEvent.objects.filter(order_id=order_id, pk__gt=after).order_by("pk").values_list(*_EVENT_NAMES)
    return [EventLine(*row) for row in found[:limit]]


def list_return_answers(*, order_id: int) -> list[EventLine]:
    """What customers were answered who asked to send goods of an order back; `details` name the request."""
    found = OrderEvent.objects.filter(order_id=order_id, kind__in=["return_accepted", "return_declined"])
    return [EventLine(*row) for row in found.order_by("pk").values_list(*_EVENT_NAMES)]


def _event(event: EventRow) -> dict[str, Any]:
    return {
        "order_id": event.order_id,
        "kind": event.kind,
        "happened_at": event.happened_at,
        "actor": event.actor,
        "via": event.via,
        "reason": event.reason,
        "details": json.dumps(event.details, ensure_ascii=False),
    }


def _first(rows: Sequence[tuple[Any, ...]]) -> AddedEvent | None:
    return AddedEvent(*rows[0]) if rows else None
