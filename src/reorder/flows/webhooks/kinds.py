"""The events that webhooks tell of; docs/reference/webhooks.md says the same in words, with an example of each."""

from collections.abc import Sequence
from typing import Final

from reorder.kernel.errors import BadInput

TEST: Final = "test"
ORDER_KINDS: Final = (
    "order.placed",
    "order.allocated",
    "order.released",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.edited",
    "order.held",
    "order.unheld",
    "payment.received",
    "refund.made",
    "fulfilment.shipped",
    "parcel.updated",
)
RETURN_KINDS: Final = (
    "return.requested",
    "return.opened",
    "return.accepted",
    "return.declined",
    "return.sent",
    "return.under_way",
    "return.received",
    "return.graded",
    "return.inspected",
    "return.closed",
    "return.cancelled",
    "return.expired",
)
# What an endpoint can choose; a test goes to the one endpoint that somebody tests.
KINDS: Final = (*ORDER_KINDS, *RETURN_KINDS, "stock.low", "journey.step")


class UnknownKind(BadInput):
    """A kind of event that is never told."""

    code = "webhooks.unknown_kind"
    template = "{kind!r} is no kind of event. Known are: {known}"


def require_kinds(*, kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds in our order, each once; none and all of them both mean all, which is written as none.

    Raises UnknownKind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownKind(kind=kind, known=", ".join(KINDS))
    chosen = tuple(kind for kind in KINDS if kind in set(kinds))
    return () if chosen == KINDS else chosen
