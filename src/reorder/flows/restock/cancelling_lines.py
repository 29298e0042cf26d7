"""Giving up single lines of an order while the rest stands; the supplier hears of it."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from django.conf import settings

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of
from reorder.domain.messaging import operations as messaging
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.errors import NothingLeftToCancel, UnknownOrderLine
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.restock.letters import lines_cancelled_letter
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job


def cancel_lines(
    *, number: str, skus: Collection[str], moment: dt.datetime, decided_by: str
) -> tuple[PurchaseOrderRow, dict[str, Decimal]]:
    """Give up what is still missing of these lines; returns the order as it is now, and the units by SKU.

    What was received stays, other lines stay on order; an order of which nothing more is to come is closed. Raises
    UnknownPurchaseOrder, PurchaseOrderClosed, UnknownOrderLine, NothingLeftToCancel.
    """
    with one_transaction():
        order = operations.lock_purchase_order(number=number)
        operations.refuse_closed(order=order, action="cancelled")
        lines = _lines(order=order, skus=skus)
        missing = {line.sku: line.missing_units for line in lines}
        operations.give_up_units(units={line.id: line.missing_units for line in lines})
        after = operations.follow_lines(order=order)
        inventory.record_moves(moves=[_move(order=order, line=line, moment=moment) for line in lines])
        planning.mark_dirty(kind="position", subject_keys=order.position_keys)
        if order.supplier_email:
            letter = lines_cancelled_letter(
                order=order, missing=missing, shop_name=settings.REORDER.shop_name, moment=moment
            )
            messaging.plan_messages(drafts=[letter])
            defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        record_audit(
            actor=decided_by,
            action="purchasing.cancel_lines",
            subject_kind="purchase_order",
            subject_key=number,
            details={"units": {sku: str(units) for sku, units in missing.items()}, "state": after.state},
        )
    return after, missing


def _lines(*, order: PurchaseOrderRow, skus: Collection[str]) -> list[OrderLineRow]:
    by_sku = {line.sku: line for line in order.lines}
    for sku in skus:
        if sku not in by_sku:
            raise UnknownOrderLine(number=order.number, sku=sku, skus=", ".join(sorted(by_sku)))
        if by_sku[sku].missing_units == 0:
            raise NothingLeftToCancel(number=order.number, sku=sku)
    return [by_sku[sku] for sku in sorted(set(skus))]


def _move(*, order: PurchaseOrderRow, line: OrderLineRow, moment: dt.datetime) -> NewMove:
    # What was given up before makes the key another one when the same line is given up again.
    return NewMove(
        key=idempotency_key("line_given_up", order.number, line.sku, line.given_up_units.normalize()),
        kind="on_order",
        product_id=line.product_id,
        units=line.missing_units,
        source=incoming_of(place_code=order.place_code),
        target=SUPPLIER,
        cause_kind="purchase_order",
        cause_key=order.number,
        happened_at=moment,
    )
