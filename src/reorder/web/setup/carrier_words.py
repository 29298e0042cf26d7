"""Adapters, their fields and the states of labels, as people read them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.flows.labels import say_fault

# What the cards of adapters say; a test keeps this complete.
CARD_TEMPLATES: Final = (
    "API key",
    "Address of the server",
    "Buy when a box is closed",
    "Carriers of the world through the library karrio, which is an extra: FedEx, EasyPost and its plug-ins.",
    "Credentials",
    "ECPay 綠界",
    "EasyPost",
    "Empty: ECPay's own, or its stage for a test account.",
    "HashIV",
    "HashKey",
    "Many carriers of the world through EasyPost, or through a server that speaks as EasyPost does.",
    "MerchantID",
    "Numbers begin with",
    "Only with a contract that says so.",
    "One to four letters or digits, at the beginning of every tracking number.",
    "Only for another server than EasyPost's own.",
    "Pick-up at 7-ELEVEN, FamilyMart, Hi-Life and OK, and 黑貓 to the door, with one contract.",
    "Prices from the shop's own services and rates, tracking numbers and labels of its own. Needs no carrier.",
    "Rate table",
    "Secret of messages",
    "Sender",
    "Sender's city or district",
    "Sender's country",
    "Sender's county or state",
    "Sender's phone",
    "Sender's postcode",
    "Sender's street and number",
    "So that the label is there when the packer has closed the box.",
    "Such as fedex or easypost.",
    "Takes dangerous goods",
    "The test key for a test account.",
    "What karrio needs for this carrier, as JSON, such as a key, a secret and an account number.",
    "With it EasyPost signs what it tells about parcels. Without one its messages are refused.",
    "karrio",
    "karrio's name of the carrier",
    "no",
    "yes",
)
LABEL_STATE_WORDS: Mapping[str, Promise] = {
    "claimed": gettext_lazy("being bought"),
    "bought": gettext_lazy("bought"),
    "failed": gettext_lazy("not bought"),
    "unknown": gettext_lazy("not known"),
    "voiding": gettext_lazy("being given back"),
    "voided": gettext_lazy("given back"),
}
_TONES: Final = {"claimed": "info", "bought": "good", "failed": "bad", "unknown": "bad", "voiding": "soon"}


def label_mark(state: str) -> SafeString:
    """The state of a label as a mark with its word."""
    return format_html(
        '<span class="mark mark-{}">{}</span>', _TONES.get(state, "quiet"), LABEL_STATE_WORDS.get(state, state)
    )


def say_label_fault(fault: Mapping[str, Any] | None) -> str:
    """What went wrong with a label or an account, in the reader's language; empty for nothing."""
    return say_fault(fault=fault, translate=_)
