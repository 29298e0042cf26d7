"""Sentences of the portal that are chosen by a code: what was done, how far an order is, how it is paid, why back."""

from typing import Final

# What a page may say above itself, by a code in its address: never words that somebody else put there.
SAID_TEMPLATES: Final = {
    "added": "It is in your cart.",
    "part": "What can still be bought is in your cart; some of it is no longer sold.",
    "none": "None of it is sold any more.",
    "cancelled": "The order is cancelled.",
    "returned": "We have your request. We answer it by mail.",
    "saved": "Saved.",
    "asked": "We have your request and answer it by mail.",
    "out": "You are signed out.",
    "everywhere": "You are signed out on every device.",
    "in": "You are signed in.",
    "ordered": "Thank you. We have your order.",
}
STATE_TEMPLATES: Final = {
    "placed": "We have your order.",
    "waiting": "Part of it waits for goods. We send it as soon as they are here.",
    "unpaid": "We wait for your payment. Then we pack your order.",
    "allocated": "Your goods are set aside for you.",
    "released": "We are packing your order.",
    "picked": "We are packing your order.",
    "packed": "It is packed and leaves soon.",
    "shipped": "It is on its way to you.",
    "part_shipped": "Part of it is on its way to you.",
    "delivered": "It was delivered.",
    "cancelled": "It was cancelled.",
    "elsewhere": "You bought this elsewhere in our shop.",
}
STATE_NAME_TEMPLATES: Final = {
    "placed": "Ordered",
    "waiting": "Waits for goods",
    "unpaid": "Waits for payment",
    "allocated": "Set aside",
    "released": "Being packed",
    "picked": "Being packed",
    "packed": "Packed",
    "shipped": "On its way",
    "part_shipped": "Partly on its way",
    "delivered": "Delivered",
    "cancelled": "Cancelled",
    "elsewhere": "Bought earlier",
}
PARCEL_TEMPLATES: Final = {
    "waiting": "Waits for goods",
    "allocated": "Set aside",
    "released": "Being packed",
    "picked": "Being packed",
    "packed": "Packed",
    "shipped": "On its way",
    "delivered": "Delivered",
}
WAY_TEMPLATES: Final = {
    "bank_transfer": "Bank transfer",
    "cash_on_delivery": "Cash on delivery",
    "store_credit": "Store credit",
}
WAY_TOLD_TEMPLATES: Final = {
    "bank_transfer": "You get our account and a number to write with the transfer. We pack when it has come.",
    "cash_on_delivery": "You pay in cash when you get the parcel.",
}
RETURN_STATE_TEMPLATES: Final = {
    "requested": "We have your request and answer it by mail.",
    "accepted": "You may send it back.",
    "sent": "We wait for your parcel.",
    "under_way": "It is on its way to us.",
    "received": "It is here, and we look at it.",
    "inspected": "We looked at it and write soon.",
    "closed": "It is settled.",
    "declined": "We cannot take it back.",
    "cancelled": "You keep it.",
    "expired": "It never came to us.",
}
RETURN_WANTS_TEMPLATES: Final = {
    "refund": "My money back",
    "exchange": "The same goods again, without faults",
    "credit": "Store credit",
}
RETURN_REASON_TEMPLATES: Final = {
    "damaged": "It came damaged",
    "wrong goods": "These are the wrong goods",
    "not as described": "It is not as described",
    "not wanted any more": "I do not want it any more",
    "something else": "Something else",
}

# Ways by which news may come, as a person reads them.
CHANNEL_TEMPLATES: Final = {
    "email": "E-mail",
    "line": "LINE",
    "sms": "Text message (SMS)",
    "web_push": "Notices in the browser",
    "app_push": "Notices in the app",
    "chat": "Chat",
    "webhook": "Other ways",
}
