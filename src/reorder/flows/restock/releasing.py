"""The second person: an order above the shop's limit goes out when somebody else agrees, and never when they do not."""

import datetime as dt

from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.errors import OwnOrder
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.queries import list_people_behind
from reorder.domain.storage import one_transaction
from reorder.flows.restock.approving import record_order, send_out
from reorder.flows.shop_day import shop_date, shop_time


def release_order(
    *, number: str, decided_by: str, moment: dt.datetime, letter_wait: dt.timedelta = dt.timedelta(0)
) -> PurchaseOrderRow:
    """A second person agrees: the order is placed now, its goods are on the way, its letter leaves.

    Of two at once one decides. Raises UnknownPurchaseOrder, OrderNotWaiting, OwnOrder: also for a token of the person
    who asked.
    """
    with one_transaction():
        lock_deciding()
        _refuse_own(order=operations.lock_purchase_order(number=number), decided_by=decided_by)
        order = operations.release_order(
            number=number,
            second_by=decided_by,
            released_at=moment,
            released_date=shop_date(moment=moment),
            released_time=shop_time(moment=moment),
        )
        record_order(order=order, action="purchasing.release", actor=decided_by)
        send_out(orders=[order], actor=order.placed_by, send_after=moment + letter_wait)
        planning.mark_dirty(kind="position", subject_keys=order.position_keys)
    return order


def refuse_order(*, number: str, decided_by: str, moment: dt.datetime, reason: str = "") -> PurchaseOrderRow:
    """A second person does not agree: the order never goes out, and its proposals are open again.

    Raises UnknownPurchaseOrder, OrderNotWaiting, OwnOrder.
    """
    with one_transaction():
        lock_deciding()
        _refuse_own(order=operations.lock_purchase_order(number=number), decided_by=decided_by)
        order = operations.refuse_order(number=number, second_by=decided_by, refused_at=moment, reason=reason)
        operations.reopen_of_cancelled(order_ids=[order.id])
        record_order(order=order, action="purchasing.refuse", actor=decided_by)
        planning.mark_dirty(kind="position", subject_keys=order.position_keys)
    return order


def _refuse_own(*, order: PurchaseOrderRow, decided_by: str) -> None:
    if list_people_behind(name=order.placed_by) & list_people_behind(name=decided_by):
        raise OwnOrder(number=order.number)
