"""The second person's word about an order above the limit: it goes out, or it never does.

Each write names the state that it starts from, so that of two people at once only one decides.
"""

import datetime as dt

from reorder.domain.purchasing.errors import OrderNotWaiting, OwnOrder
from reorder.domain.purchasing.models import PurchaseOrder
from reorder.domain.purchasing.operations.placing import expected_of
from reorder.domain.purchasing.queries import PurchaseOrderRow, find_rate, get_purchase_order

_LONGEST_REASON = 500


def release_order(
    *, number: str, second_by: str, released_at: dt.datetime, released_date: dt.date, released_time: dt.time
) -> PurchaseOrderRow:
    """A waiting order is placed as of now; returns it. Dates are the shop's of `released_at`.

    Raises UnknownPurchaseOrder, OwnOrder, OrderNotWaiting.
    """
    order = get_purchase_order(number=number)
    expected = expected_of(
        supplier_id=PurchaseOrder.objects.values_list("supplier_id", flat=True).get(pk=order.id),
        product_ids=[line.product_id for line in order.lines],
        placed_date=released_date,
        placed_time=released_time,
    )
    return _decide(
        order=order,
        second_by=second_by,
        second_at=released_at,
        state=PurchaseOrder.State.PLACED,
        placed_at=released_at,
        expected_date=expected,
        asked_date=expected,
        exchange_rate=find_rate(currency=order.currency, on_date=released_date),
    )


def refuse_order(*, number: str, second_by: str, refused_at: dt.datetime, reason: str) -> PurchaseOrderRow:
    """A waiting order will never go out; returns it. Raises UnknownPurchaseOrder, OwnOrder, OrderNotWaiting."""
    return _decide(
        order=get_purchase_order(number=number),
        second_by=second_by,
        second_at=refused_at,
        state=PurchaseOrder.State.REFUSED,
        second_reason=" ".join(reason.split())[:_LONGEST_REASON],
    )


def withdraw_order(*, number: str) -> bool:
    """Who asked takes a waiting order back: it is cancelled. False when it no longer waits; UnknownPurchaseOrder."""
    order = get_purchase_order(number=number)
    moved = PurchaseOrder.objects.filter(pk=order.id, state=PurchaseOrder.State.AWAITING_APPROVAL)
    return moved.update(state=PurchaseOrder.State.CANCELLED) == 1


def _decide(
    *, order: PurchaseOrderRow, second_by: str, state: PurchaseOrder.State, **values: object
) -> PurchaseOrderRow:
    if second_by == order.placed_by:
        raise OwnOrder(number=order.number)
    waiting = PurchaseOrder.objects.filter(pk=order.id, state=PurchaseOrder.State.AWAITING_APPROVAL)
    if waiting.exclude(placed_by=second_by).update(state=state, second_by=second_by, **values) != 1:
        now = get_purchase_order(number=order.number)
        raise OrderNotWaiting(number=now.number, state=now.state.replace("_", " "))
    return get_purchase_order(number=order.number)
