"""Events of webhooks and what became of deliveries, as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.channels.webhook_pages import DeliveryRow
from reorder.flows.webhooks import say_fault

KIND_WORDS: Mapping[str, Promise] = {
    "order.placed": gettext_lazy("an order was placed"),
    "order.allocated": gettext_lazy("stock was promised to an order"),
    "order.released": gettext_lazy("an order went to its warehouses"),
    "order.shipped": gettext_lazy("the last parcel of an order left"),
    "order.delivered": gettext_lazy("the last parcel of an order arrived"),
    "order.cancelled": gettext_lazy("an order was cancelled"),
    "order.edited": gettext_lazy("an order was changed"),
    "order.held": gettext_lazy("an order waits for a reason"),
    "return.requested": gettext_lazy("a customer asks to send goods back"),
    "return.opened": gettext_lazy("staff opened a return"),
    "return.accepted": gettext_lazy("a return was accepted"),
    "return.declined": gettext_lazy("a return was declined"),
    "return.sent": gettext_lazy("the label of a return was sent"),
    "return.under_way": gettext_lazy("returned goods are under way"),
    "return.received": gettext_lazy("returned goods are here"),
    "return.graded": gettext_lazy("returned goods were graded"),
    "return.inspected": gettext_lazy("all goods of a return are graded"),
    "return.closed": gettext_lazy("a return was settled"),
    "return.cancelled": gettext_lazy("a return was called off"),
    "return.expired": gettext_lazy("returned goods never came"),
    "order.unheld": gettext_lazy("the reason why an order waited is gone"),
    "payment.received": gettext_lazy("money for an order came in"),
    "refund.made": gettext_lazy("money for an order was given back"),
    "fulfilment.shipped": gettext_lazy("a parcel left a place"),
    "parcel.updated": gettext_lazy("a parcel is further on its way, or in trouble"),
    "stock.low": gettext_lazy("stock fell below what is needed"),
    "journey.step": gettext_lazy("a customer came to a step of a journey"),
    "test": gettext_lazy("a test"),
}
REASON_WORDS: Mapping[str, Promise] = {
    "gone": gettext_lazy("It answered that it is gone for good (410)."),
    "failing": gettext_lazy("Every attempt had failed for days."),
    "unreadable": gettext_lazy("Its secret cannot be read with this installation's signing key: make a new one."),
}


_SUBJECTS: Mapping[str, Promise] = {
    "order": gettext_lazy("Order no. {key}"),
    "fulfilment": gettext_lazy("Parcel no. {key}"),
    "stock": gettext_lazy("Stock of {key}"),
    "endpoint": gettext_lazy("Endpoint no. {key}"),
}


def state_of(state: str) -> str:
    """The mark of an endpoint's state."""
    return "in_use" if state == "active" else state


def say_subject(row: DeliveryRow) -> str:
    """What a delivery is about."""
    template = str(_SUBJECTS.get(row.subject_kind, "{key}"))
    return template.format(key=row.subject_key)


def kind_word(kind: str) -> str:
    """The kind of event in words; its name where a later version knows it and this one does not."""
    return str(KIND_WORDS.get(kind, kind))


def say_answer(*, status: int | None, error_code: str, error_parameters: Mapping[str, Any]) -> str:
    """What the receiver answered, or why it did not."""
    if status is not None:
        return _("answered {status}").format(status=status)
    return say_fault(code=error_code, parameters=error_parameters, translate=_)


def say_last(row: DeliveryRow) -> str:
    """What came of the last attempt; a dash before the first."""
    said = say_answer(status=row.status, error_code=row.error_code, error_parameters=row.error_parameters)
    return said or "–"
