"""Letters of the shop to its customers about their orders, and the one that lets them in."""

from reorder.flows.order_mail.sending import (
    PORTAL_CHANNEL,
    mail_confirmation,
    mail_late,
    mail_return_answer,
    mail_shipped,
    mail_sign_in,
)
from reorder.flows.order_mail.wording import letter_language

__all__ = [
    "PORTAL_CHANNEL",
    "letter_language",
    "mail_confirmation",
    "mail_late",
    "mail_return_answer",
    "mail_shipped",
    "mail_sign_in",
]
