"""Giving up what is still missing of an order; the supplier hears of it unless the order's letter never left."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.rules import SUPPLIER, NewMove, incoming_of
from reorder.domain.messaging import operations as messaging
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.queries import PurchaseOrderRow, get_purchase_order
from reorder.domain.purchasing.rules import order_letter_key
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.restock.letters import cancellation_letter
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an approval back came to.

    `cancelled` order numbers; `kept` those of which goods had come or that were closed; `reopened_count` proposals that
    are open again; `told_count` suppliers that had the order already and get a cancellation.
    """

    cancelled: tuple[str, ...]
    kept: tuple[str, ...]
    reopened_count: int
    told_count: int


@dataclass(frozen=True, slots=True)
class _GivenUp:
    """Of one order: the units by SKU that no longer come, and whether the supplier gets a cancellation."""

    missing: dict[str, Decimal]
    is_told: bool


def cancel_order(*, number: str, moment: dt.datetime, decided_by: str = "system") -> dict[str, Decimal]:
    """Give up what is still missing of a purchase order, tell the supplier, and free the incoming stock.

    What was received stays. Where nothing has come and the order's letter has not left, the letter is stopped and the
    supplier hears nothing. One that waits for a second person is taken back, and its proposals are open again. Returns
    the units given up by SKU. Raises UnknownPurchaseOrder, PurchaseOrderClosed.
    """
    with one_transaction():
        # An order waits from its beginning or never: what does not wait now needs no right to decide.
        if get_purchase_order(number=number).state == "awaiting_approval":
            lock_deciding()
        order = operations.lock_purchase_order(number=number)
        if order.state == "awaiting_approval":
            _withdraw(order=order, decided_by=decided_by)
            operations.reopen_of_cancelled(order_ids=[order.id])
            return {line.sku: line.ordered_units for line in order.lines}
        given_up = _cancel(orders=[order], moment=moment, decided_by=decided_by)
    return given_up[0].missing


def undo_approval(*, numbers: Sequence[str], moment: dt.datetime, decided_by: str) -> Undone:
    """Cancel orders of which nothing has come, and open their proposals again; others stay as they are.

    Safe to run twice. Raises UnknownPurchaseOrder.
    """
    with one_transaction():
        lock_deciding()
        orders = [operations.lock_purchase_order(number=number) for number in sorted(set(numbers))]
        waiting = [order for order in orders if order.state == "awaiting_approval"]
        for order in waiting:
            _withdraw(order=order, decided_by=decided_by)
        fresh = [order for order in orders if order.state == "placed"]
        given_up = _cancel(orders=fresh, moment=moment, decided_by=decided_by)
        taken_back = [order for order in orders if order in fresh or order in waiting]
        reopened = operations.reopen_of_cancelled(order_ids=[order.id for order in taken_back])
    return Undone(
        cancelled=tuple(order.number for order in taken_back),
        kept=tuple(order.number for order in orders if order not in taken_back),
        reopened_count=len(reopened),
        told_count=sum(one.is_told for one in given_up),
    )


def _withdraw(*, order: PurchaseOrderRow, decided_by: str) -> None:
    """An order that still waits for a second person is taken back; nothing was on the way, nobody was told."""
    operations.withdraw_order(number=order.number)
    planning.mark_dirty(kind="position", subject_keys=order.position_keys)
    record_audit(
        actor=decided_by,
        action="purchasing.cancel",
        subject_kind="purchase_order",
        subject_key=order.number,
        details={"lines": len(order.lines), "supplier_told": False},
    )


def _cancel(*, orders: Sequence[PurchaseOrderRow], moment: dt.datetime, decided_by: str) -> list[_GivenUp]:
    """Close locked orders; all their goods move in one call, so that levels are locked in one order (inventory.locks).

    Raises PurchaseOrderClosed.
    """
    missing = {order.number: dict(operations.cancel_rest(order=order)) for order in orders}
    inventory.record_moves(
        moves=[
            move
            for order in orders
            for move in _given_up_moves(order=order, missing=missing[order.number], moment=moment)
        ]
    )
    planning.mark_dirty(kind="position", subject_keys=[key for order in orders for key in order.position_keys])
    return [_tell(order=order, missing=missing[order.number], moment=moment, decided_by=decided_by) for order in orders]


def _tell(*, order: PurchaseOrderRow, missing: Mapping[str, Decimal], moment: dt.datetime, decided_by: str) -> _GivenUp:
    """Stop the order's letter, or tell the supplier who has it; and write the audit trail."""
    never_left = messaging.stop_if_waiting(idempotency_key=order_letter_key(number=order.number), moment=moment)
    is_told = bool(order.supplier_email) and not (never_left and order.state == "placed")
    if is_told:
        letter = cancellation_letter(order=order, missing=missing, shop_name=settings.REORDER.shop_name, moment=moment)
        messaging.plan_messages(drafts=[letter])
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    record_audit(
        actor=decided_by,
        action="purchasing.cancel",
        subject_kind="purchase_order",
        subject_key=order.number,
        details={"lines": len(missing), "supplier_told": is_told},
    )
    return _GivenUp(missing=dict(missing), is_told=is_told)


def _given_up_moves(*, order: PurchaseOrderRow, missing: Mapping[str, Decimal], moment: dt.datetime) -> list[NewMove]:
    return [
        NewMove(
            key=idempotency_key("given_up", order.number, line.sku),
            kind="on_order",
            product_id=line.product_id,
            units=missing[line.sku],
            source=incoming_of(place_code=order.place_code),
            target=SUPPLIER,
            cause_kind="purchase_order",
            cause_key=order.number,
            happened_at=moment,
        )
        for line in order.lines
        if line.sku in missing
    ]
