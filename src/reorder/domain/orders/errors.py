"""What can go wrong with orders."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownOrder(NotFound):
    code = "orders.unknown_order"
    template = "There is no order {order_id}."


class OrderMovedOn(Conflict):
    """What was asked for is not possible in the order's state; nothing was done."""

    code = "orders.moved_on"
    template = "Order {order} is {state} by now; {wanted} is not possible any more."


class NotOurs(Conflict):
    """An order that another system fulfils: we only know of it."""

    code = "orders.not_ours"
    template = "Order {order} is fulfilled elsewhere; change it where it was made."


class OrderHeld(Conflict):
    """An order with a reason to wait is not sent on; take the reason away first."""

    code = "orders.held"
    template = "Order {order} is held ({reason}); {wanted} is not possible before somebody lets it go."


class OrderUnpaid(Conflict):
    code = "orders.unpaid"
    template = "Order {order} is not paid; it is not released before it is."


class PartShipped(Conflict):
    """Some parcels have left: what has left cannot be cancelled or changed, only returned."""

    code = "orders.part_shipped"
    template = "A part of order {order} has left already; cancel what is left line by line, and return the rest."


class UnknownLine(NotFound):
    code = "orders.unknown_line"
    template = "Order {order} has no line {line}."


class BadOrderChange(BadInput):
    code = "orders.bad_change"
    template = "Order {order} cannot be changed so: {reason}."


class OrdersDiffer(Conflict):
    """Orders are merged only when one parcel and one sum can stand for all of them."""

    code = "orders.differ"
    template = "Orders {orders} cannot be merged: {reason}."
