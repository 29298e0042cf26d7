"""What can go wrong with orders."""

from reorder.kernel.errors import NotFound


class UnknownOrder(NotFound):
    code = "orders.unknown_order"
    template = "There is no order {order_id}."
