"""What can be wrong with the input of `recommend`."""

from reorder.kernel.errors import BadInput, ReorderError


class BadSize(BadInput):
    """A list of recommendations needs at least one place."""

    code = "recommend.bad_size"
    template = "a list of recommendations needs at least one place, got {size}"


class BadDue(BadInput):
    """The due table lacks what ranking needs."""

    code = "recommend.bad_due"
    template = "the due table lacks {missing}"


class OrdersAfterDate(BadInput):
    """Some order lines lie after the day for which is recommended."""

    code = "recommend.orders_after_date"
    template = "{lines_count} order lines lie after {as_of}; the latest is on {latest_date}"


class BasketModelRefused(ReorderError):
    """A stored basket model is of another version, damaged, or no model at all."""

    code = "recommend.model_refused"
    template = "this is no basket model of version {version}: {reason}; learn it again"
