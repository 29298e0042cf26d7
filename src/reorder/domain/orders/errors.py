"""What can go wrong with orders."""

from reorder.kernel.errors import Conflict, NotFound


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
