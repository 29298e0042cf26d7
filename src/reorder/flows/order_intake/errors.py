"""Why an order cannot be taken; each names what to do first."""

from reorder.kernel.errors import BadInput


class UnknownProducts(BadInput):
    """An order that comes as values must name products that exist; only a file makes new ones."""

    code = "order_intake.unknown_products"
    template = "Order {order} names products that do not exist: {skus}. Create them first."


class UnknownPlaces(BadInput):
    """A place that does not exist, is not active, or is none of this actor's."""

    code = "order_intake.unknown_places"
    template = "Order {order} names places that do not exist: {places}."


class OrderRepeated(BadInput):
    """The same order twice in one batch: which of them holds?"""

    code = "order_intake.repeated"
    template = "Order {order} stands in this batch more than once; only the first was taken."


class LineRepeated(BadInput):
    """Two lines of one order under one id."""

    code = "order_intake.line_repeated"
    template = "The line id {line} occurs twice in order {order}."


class OrderInFuture(BadInput):
    """An order that has not happened yet."""

    code = "order_intake.in_future"
    template = "Order {order} cannot lie in the future."


class OrderTooOld(BadInput):
    """An order before 1990 is taken for a slip."""

    code = "order_intake.too_old"
    template = "Order {order}: an order before 1990 is taken for a slip."
