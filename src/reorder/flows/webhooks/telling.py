"""Telling other systems of a fact, inside the transaction of the fact: both commit or neither does.

Cheap where nobody listens: that is looked up once a second and process, so an endpoint hears of what happens from a
second after it was added.
"""

import datetime as dt
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from reorder.domain.channels.webhook_messages import NewMessage, is_any_wanted, record_messages
from reorder.flows.webhooks.kinds import TEST, require_kinds
from reorder.insights.told_orders import list_told_orders
from reorder.insights.told_stock import list_low_stock

_BELIEVED_SECONDS: Final = 1.0
# Kinds that nobody wanted when last looked, and until when (of the running clock) that is believed.
_unwanted: dict[str, float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """Something that happened to an order: `event_id` is that of its event, `facts` what the kind adds to the order."""

    order_id: int
    event_id: int | str
    facts: Mapping[str, Any] = field(default_factory=dict)


def announce(
    *, kind: str, subject_kind: str, subject_key: str, event_key: str, payload: Mapping[str, Any], moment: dt.datetime
) -> None:
    """Tell every endpoint that wants `kind`, within the open transaction; the same (kind, subject, event) once.

    `payload` holds plain values without personal data. Raises RuntimeError outside a transaction, UnknownKind.
    """
    if not _is_wanted(kind):
        return
    message = NewMessage(
        subject_key=subject_key,
        event_key=event_key,
        body=write_body(kind=kind, data={"event_id": event_key, **payload}, moment=moment),
    )
    record_messages(kind=kind, subject_kind=subject_kind, messages=[message], moment=moment)


def announce_order(
    *,
    order_id: int,
    kind: str,
    event_id: int | str,
    moment: dt.datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """`announce_orders` for one."""
    announce_orders(
        kind=kind, orders=[OrderFact(order_id=order_id, event_id=event_id, facts=facts or {})], moment=moment
    )


def announce_orders(*, kind: str, orders: Sequence[OrderFact], moment: dt.datetime) -> None:
    """Tell of the same kind of event of several orders, each with the order as the open transaction sees it now.

    Two statements for all of them where somebody listens, none where nobody does. Raises RuntimeError outside a
    transaction, UnknownKind.
    """
    if not orders or not _is_wanted(kind):
        return
    told = list_told_orders(ids=[one.order_id for one in orders])
    messages = [
        NewMessage(
            subject_key=str(one.order_id),
            event_key=str(one.event_id),
            body=write_body(
                kind=kind,
                data={"event_id": str(one.event_id), "order": told[one.order_id], **one.facts},
                moment=moment,
            ),
        )
        for one in orders
        if one.order_id in told
    ]
    record_messages(kind=kind, subject_kind="order", messages=messages, moment=moment)


def announce_low_stock(*, moment: dt.datetime) -> None:
    """Tell of stock for which an alert was opened at `moment`, within the transaction that opened it."""
    if not _is_wanted("stock.low"):
        return
    found = list_low_stock(opened_at=moment)
    messages = [
        NewMessage(
            subject_key=f"{stock['sku']}|{stock['place']}",
            event_key=str(alert_id),
            body=write_body(kind="stock.low", data={"event_id": str(alert_id), "stock": stock}, moment=moment),
        )
        for alert_id, stock in found.items()
    ]
    record_messages(kind="stock.low", subject_kind="stock", messages=messages, moment=moment)


def write_body(*, kind: str, data: Mapping[str, Any], moment: dt.datetime) -> str:
    """The text that is signed and sent, as Standard Webhooks recommends: type, timestamp, data."""
    document = {"type": kind, "timestamp": moment.isoformat(), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)


def forget_unwanted() -> None:
    """Endpoints have changed: look again before the next fact."""
    _unwanted.clear()


def _is_wanted(kind: str) -> bool:
    if not connection.in_atomic_block:
        raise RuntimeError("a webhook is told in the transaction of its fact")
    if _unwanted.get(kind, 0.0) > time.monotonic():
        return False
    if kind != TEST:
        require_kinds(kinds=[kind])
    if is_any_wanted(kinds=[kind]):
        return True
    _unwanted[kind] = time.monotonic() + _BELIEVED_SECONDS
    return False
