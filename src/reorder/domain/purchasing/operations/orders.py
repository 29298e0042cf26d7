"""Receipts and the end of purchase orders; a state changes only from the states that its condition names."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.purchasing.errors import PurchaseOrderClosed, UnknownPurchaseOrder
from reorder.domain.purchasing.models import PurchaseOrder, Receipt, ReceiptLine
from reorder.domain.purchasing.operations.landing import settle_landed_cost
from reorder.domain.purchasing.queries import PurchaseOrderRow, get_purchase_order
from reorder.domain.purchasing.rules import Counted
from reorder.domain.storage import run_sql

_OPEN_STATES: Final = (PurchaseOrder.State.PLACED, PurchaseOrder.State.PARTLY_RECEIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """Who counted a delivery, when, and under which key; `lot` and expiry hold for all its lines."""

    idempotency_key: str
    received_at: dt.datetime
    recorded_by: str = ""
    lot: str = ""
    expires_date: dt.date | None = None


def lock_purchase_order(*, number: str) -> PurchaseOrderRow:
    """The order as it is now, held against every other receipt and cancellation until the transaction ends.

    Raises UnknownPurchaseOrder.
    """
    if not PurchaseOrder.objects.select_for_update().filter(number=number).exists():
        raise UnknownPurchaseOrder(number=number)
    return get_purchase_order(number=number)


def record_receipt(*, order: PurchaseOrderRow, counted: Sequence[Counted], receipt: NewReceipt) -> PurchaseOrderRow:
    """Write a receipt of a locked, open order and move its state on; returns the order as it is afterwards.

    Raises PurchaseOrderClosed.
    """
    refuse_closed(order=order, action="received")
    written = Receipt.objects.create(
        order_id=order.id,
        idempotency_key=receipt.idempotency_key,
        received_at=receipt.received_at,
        recorded_by=receipt.recorded_by,
    )
    line_ids = {line.sku: line.id for line in order.lines}
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=written,
            order_line_id=line_ids[part.sku],
            units=part.units,
            lot=receipt.lot,
            expires_date=receipt.expires_date,
        )
        for part in counted
    )
    run_sql(
        statement="""UPDATE purchasing_purchaseorderline AS line SET received_units = line.received_units + part.units
                     FROM unnest(%s::bigint[], %s::numeric[]) AS part (id, units) WHERE line.id = part.id""",
        parameters=[[line_ids[part.sku] for part in counted], [part.units for part in counted]],
    )
    after = get_purchase_order(number=order.number)
    if any(line.received_units > 0 for line in after.lines):
        _move_state(order=after, state=PurchaseOrder.State.PARTLY_RECEIVED)
    close_if_nothing_comes(order=after)
    settle_landed_cost(order_id=order.id)
    return get_purchase_order(number=order.number)


def close_if_nothing_comes(*, order: PurchaseOrderRow) -> None:
    """A locked order of which nothing more will come is received, or cancelled when nothing ever came."""
    if order.state in _OPEN_STATES and all(line.missing_units == 0 for line in order.lines):
        came = any(line.received_units > 0 for line in order.lines)
        _move_state(order=order, state=PurchaseOrder.State.RECEIVED if came else PurchaseOrder.State.CANCELLED)


def cancel_rest(*, order: PurchaseOrderRow) -> Mapping[str, Decimal]:
    """Close a locked, open order: nothing more will come. Returns the units by SKU that were still missing.

    What was received stays received. Raises PurchaseOrderClosed.
    """
    refuse_closed(order=order, action="cancelled")
    _move_state(order=order, state=PurchaseOrder.State.CANCELLED)
    # What was to come carried a part of the freight; now what came carries all of it.
    settle_landed_cost(order_id=order.id)
    return {line.sku: line.missing_units for line in order.lines if line.missing_units > 0}


def refuse_closed(*, order: PurchaseOrderRow, action: str) -> None:
    """Raises PurchaseOrderClosed when nothing more can come of this order."""
    if order.state not in _OPEN_STATES:
        raise PurchaseOrderClosed(number=order.number, state=order.state, action=action)


def _move_state(*, order: PurchaseOrderRow, state: PurchaseOrder.State) -> None:
    moved = PurchaseOrder.objects.filter(pk=order.id, state__in=_OPEN_STATES).update(state=state)
    if moved != 1:
        raise PurchaseOrderClosed(number=order.number, state=order.state, action="changed")
