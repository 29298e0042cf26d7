"""Letters of the shop to its customers about their orders, and the one that lets them in."""

from reorder.flows.order_mail.sending import (
    PORTAL_CHANNEL,
    mail_confirmation,
    mail_late,
    mail_parcel,
    mail_return,
    mail_shipped,
    mail_sign_in,
    mail_sign_up,
)
from reorder.flows.order_mail.wording import PARCEL_STATES_TOLD, letter_language

__all__ = [
    "PARCEL_STATES_TOLD",
    "PORTAL_CHANNEL",
    "letter_language",
    "mail_confirmation",
    "mail_late",
    "mail_parcel",
    "mail_return",
    "mail_shipped",
    "mail_sign_in",
    "mail_sign_up",
]
