"""Why a person's data cannot be shown or let go now."""

from reorder.kernel.errors import BadInput, Conflict


class OrdersUnfinished(Conflict):
    """The person's address is still needed to keep a promise to them."""

    code = "privacy.orders_unfinished"
    template = (
        "Orders of this person are not finished yet: {orders}. Their address is needed until then. The request stays "
        "open; finish or cancel the orders, then erase."
    )


class NoReasonGiven(BadInput):
    """A person whose request is refused is told why."""

    code = "privacy.no_reason"
    template = "Say why the request is refused: the person is told, and may complain to the authority."
