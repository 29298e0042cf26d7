"""What tables are called for the person whose facts stand in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.privacy.exporting import PersonExport

# A table that is not named here goes under its own name: nothing is left out for want of a title.
TABLE_TEMPLATES: Final[Mapping[str, str]] = {
    "customers_customer": "Who you are",
    "customers_address": "Addresses",
    "customers_savedaddress": "Addresses that you keep",
    "customers_note": "Notes of our staff",
    "customers_customertag": "Labels of our staff",
    "customers_customerattribute": "Facts about you",
    "customers_cart": "Carts",
    "customers_portallink": "Links to sign in",
    "customers_portalsession": "Where you are signed in",
    "customers_returnrequest": "Wishes to send goods back",
    "customers_privacyrequest": "Requests about your data",
    "messaging_contactpoint": "How we reach you",
    "messaging_consententry": "What you agreed to and refused",
    "messaging_topicentry": "Topics that you chose",
    "messaging_contactpreference": "How often you want to hear from us",
    "messaging_pendingconsent": "Sign-ups for news",
    "messaging_marketingpause": "Times without marketing",
    "messaging_outboxmessage": "Messages to you",
    "messaging_messageevent": "What became of messages",
    "messaging_messagedecision": "Why you got a message, or none",
    "messaging_outboxattachment": "Papers sent with messages",
    "behaviour_trackedevent": "What you looked at and searched for",
    "orders_order": "Orders",
    "orders_orderline": "Goods of orders",
    "orders_orderevent": "What happened with orders",
    "orders_orderstep": "What orders wait for",
    "payments_payment": "Payments",
    "payments_paymententry": "Money that came and went",
    "payments_refund": "Refunds",
    "payments_creditmove": "Store credit, move by move",
    "payments_creditbalance": "Store credit",
    "shipping_parcel": "Parcels",
    "shipping_label": "Labels of parcels",
    "shipping_trackingevent": "Where parcels were",
    "shipping_publiclink": "Links to follow parcels",
    "shipping_straycallback": "What carriers said",
    "warehouse_return": "Returns",
    "warehouse_returnphoto": "Pictures of returned goods",
    "planning_duedate": "When we expect you to buy again",
    "planning_nextdue": "What we expect you to buy next",
    "planning_customervalue": "What we expect of you as a customer",
    "planning_segmentmove": "Groups that you came into",
    "planning_recommendation": "What we would recommend",
    "planning_customerstatistic": "Counted from your orders",
    "planning_pairstatistic": "Counted from your orders, by product",
    "marketing_fact": "What happened lately",
    "marketing_waitingmessage": "Messages that wait",
    "marketing_journeytask": "Tasks of our staff about you",
    "marketing_enrolment": "Journeys that you are in",
    "marketing_enrolmentevent": "Steps of journeys",
    "marketing_handedcycle": "Reminders that journeys send",
    "marketing_segmentmember": "Segments that you are in",
    "marketing_segmentstay": "Segments that you were in",
    "marketing_exposure": "Messages that were measured",
    "messaging_linkword": "Words that tie LINE to you",
    "messaging_replypass": "Passes to answer you",
    "orders_coupon": "Coupons",
    "behaviour_inboxevent": "What you did just now",
    "behaviour_visitor": "Browsers that you used",
    "behaviour_visitorlink": "How we know your browser",
    "staff_auditentry": "Who did what with your data",
}


# Numbers of ours, and what the plain text of a message says already; the file has them.
_UNREAD: Final = frozenset({"id", "customer_id", "body_html"})


@dataclass(frozen=True, slots=True)
class Section:
    """One table for its reader: a title, and rows of (name, value) pairs without empty values."""

    table: str
    title: str
    rows: Sequence[Sequence[tuple[str, str]]]


def sections_of(*, export: PersonExport, language: str, most_rows: int) -> list[Section]:
    """An export as a person reads it; of a table with more rows the first `most_rows`, the file has all."""
    with translation.override(language):
        return [
            Section(
                table=name,
                title=_(TABLE_TEMPLATES[name]) if name in TABLE_TEMPLATES else name,
                rows=[_pairs(row) for row in list(rows)[:most_rows]],
            )
            for name, rows in export.tables.items()
        ]


def _pairs(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), _said(value))
        for name, value in row.items()
        if value not in (None, "", [], {}) and name not in _UNREAD
    ]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)[:2000]
