"""Why a count cannot be taken as given."""

from reorder.kernel.errors import BadInput


class BadCount(BadInput):
    """Figures that nobody can have counted, or of goods that this count is not about."""

    code = "counting.bad_count"
    template = "What was counted in {bin} was not taken: {reason}."


class NotPromised(BadInput):
    """What should be taken from an order is not promised to it here."""

    code = "counting.not_promised"
    template = "Order {order} has nothing of this here that can be given up: look at the count again."


REASON_TEMPLATES = (
    "this count is of one other product only",
    "units lie between 0 and 10,000,000, with at most three decimals",
    "the bin to take it from holds nothing of it",
    "there is no such zone, or it has no bins",
)
