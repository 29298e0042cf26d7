"""What states, holds, payments and problems of orders are called, and what comes next, in the reader's language."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from reorder.insights.order_problems import ProblemOrder
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_money
from reorder.web.templatetags.reorder import day, in_a_row, listed

STATE_TEMPLATES: Final[Mapping[str, str]] = {
    "draft": gettext_noop("Draft"),
    "placed": gettext_noop("Waiting for goods"),
    "allocated": gettext_noop("Ready to release"),
    "released": gettext_noop("To be picked"),
    "picked": gettext_noop("Picked"),
    "packed": gettext_noop("Packed"),
    "shipped": gettext_noop("Shipped"),
    "delivered": gettext_noop("Delivered"),
    "cancelled": gettext_noop("Cancelled"),
    "elsewhere": gettext_noop("Fulfilled elsewhere"),
    "held": gettext_noop("On hold"),
}
PART_TEMPLATES: Final[Mapping[str, str]] = {
    **STATE_TEMPLATES,
    "waiting": gettext_noop("Waiting for goods"),
    "allocated": gettext_noop("Goods are kept"),
}
HOLD_TEMPLATES: Final[Mapping[str, str]] = {
    "address": gettext_noop("address to check"),
    "awaiting_payment": gettext_noop("waits for payment"),
    "duplicate": gettext_noop("possible duplicate"),
    "fraud": gettext_noop("fraud check"),
    "manual": gettext_noop("held by hand"),
    "out_of_stock": gettext_noop("waits for goods"),
    "requested_date": gettext_noop("wanted later"),
}
PAYMENT_TEMPLATES: Final[Mapping[str, str]] = {
    "none": gettext_noop("not recorded"),
    "unpaid": gettext_noop("Unpaid"),
    "cash_on_delivery": gettext_noop("Cash on delivery"),
    "paid": gettext_noop("Paid"),
    "part_refunded": gettext_noop("Partly refunded"),
    "refunded": gettext_noop("Refunded"),
}
PROBLEM_TEMPLATES: Final[Mapping[str, str]] = {
    "fraud": gettext_noop("Fraud check"),
    "address": gettext_noop("Address to check"),
    "duplicate": gettext_noop("Possible duplicate"),
    "out_of_stock": gettext_noop("Out of stock"),
    "late": gettext_noop("Past its promise"),
    "returned": gettext_noop("Goods to send back"),
    "unpaid": gettext_noop("Unpaid for long"),
    "unallocated": gettext_noop("Nothing allocated"),
}
# Why a customer wants to send goods back, as staff read it.
RETURN_TEMPLATES: Final[Mapping[str, str]] = {
    "damaged": gettext_noop("it came damaged"),
    "wrong goods": gettext_noop("wrong goods"),
    "not as described": gettext_noop("not as described"),
    "not wanted any more": gettext_noop("not wanted any more"),
    "something else": gettext_noop("something else"),
}
RETURN_STATE_TEMPLATES: Final[Mapping[str, str]] = {
    "": gettext_noop("to be answered"),
    "accepted": gettext_noop("accepted"),
    "declined": gettext_noop("declined"),
}
_TONES: Final[Mapping[str, str]] = {
    "placed": "soon",
    "allocated": "info",
    "released": "info",
    "picked": "info",
    "packed": "info",
    "shipped": "good",
    "delivered": "good",
    "held": "soon",
    "waiting": "soon",
    "unpaid": "soon",
    "paid": "good",
    "fraud": "bad",
    "late": "bad",
    "address": "bad",
    "duplicate": "soon",
    "returned": "soon",
    "out_of_stock": "soon",
    "unallocated": "bad",
}
_STOPPING: Final = frozenset({"address", "awaiting_payment", "duplicate", "fraud", "manual", "requested_date"})


def mark(*, key: str, templates: Mapping[str, str]) -> SafeString:
    """A state, hold or problem as a small coloured mark with its words."""
    said = gettext(templates[key]) if key in templates else key.replace("_", " ")
    return format_html('<span class="mark mark-{}">{}</span>', _TONES.get(key, "quiet"), said)


def state_key(*, state: str, fulfilment: str, hold_reasons: Sequence[str]) -> str:
    """The state as people see it: an order that is held is on hold, one of elsewhere is nobody's work."""
    if fulfilment == "elsewhere" and state == "placed":
        return "elsewhere"
    if state == "allocated" and _STOPPING & set(hold_reasons):
        return "held"
    return state


def hold_words(reason: str) -> str:
    """One hold reason."""
    return gettext(HOLD_TEMPLATES[reason]) if reason in HOLD_TEMPLATES else reason.replace("_", " ")


def holds_words(reasons: Sequence[str]) -> str:
    """Hold reasons in a row."""
    return listed(hold_words(one) for one in reasons)


def payment_words(payment_state: str) -> str:
    """How the payment stands."""
    return gettext(PAYMENT_TEMPLATES.get(payment_state, payment_state))


def problem_words(*, kind: str, order: ProblemOrder, moment: dt.datetime) -> str:
    """What is wrong, as one sentence with what is known of it."""
    details: Mapping[str, Any] = (order.told.get(kind) or {}).get("details") or {}
    match kind:
        case "out_of_stock":
            return _stock_words(order)
        case "unpaid":
            days = max((moment - order.ordered_at).days, 0)
            return _("Not paid for {days} days: {money} is due.").format(
                days=days, money=format_money(order.risk_minor, currency=order.currency)
            )
        case "late" if order.ship_by_at is not None:
            promised = date_at(moment=order.ship_by_at, time_zone=settings.REORDER.time_zone)
            return _("It should have left by {day} and has not.").format(day=day(promised))
        case "returned" if order.return_asked_at is not None:
            asked = date_at(moment=order.return_asked_at, time_zone=settings.REORDER.time_zone)
            return _("The customer asked on {day} to send goods back, and waits for an answer.").format(day=day(asked))
        case "unallocated":
            return _("No place has promised its goods. Choose places again, or cancel it.")
    return check_words(kind=kind, details=details)


def check_words(*, kind: str, details: Mapping[str, Any]) -> str:
    """What a check found, else what the hold means in general."""
    match kind:
        case "fraud":
            general = _("It looks fraudulent.")
        case "address":
            general = _("The address is incomplete: a carrier would bring it back.")
        case "duplicate":
            general = _("It looks like an order that is here already.")
        case _:
            general = hold_words(kind)
    return in_a_row(*_findings(details)) or general


def _findings(details: Mapping[str, Any]) -> list[str]:
    """Sentences that a check left in its event, as far as this version knows how to say them."""
    from reorder.web.orders.findings import finding_words

    return [said for said in finding_words(details) if said]


def _stock_words(order: ProblemOrder) -> str:
    skus = listed(order.waiting_skus[:4])
    more = _("(+{count})").format(count=len(order.waiting_skus) - 4) if len(order.waiting_skus) > 4 else ""
    said = f"{skus} {more}".strip()
    if order.promised_date:
        return _("Out of stock until {day}: {skus}.").format(day=day(order.promised_date), skus=said)
    return _("Out of stock, and nothing on its way is promised to it: {skus}.").format(skus=said)


def hold_choices() -> list[tuple[str, str]]:
    """Reasons for which a person may hold an order."""
    return [(one, hold_words(one)) for one in ("manual", "address", "fraud", "duplicate")]


def problem_tone(kind: str) -> str:
    """How urgent a kind of problem is: the colour of its card."""
    return "now" if _TONES.get(kind) == "bad" else "soon"
