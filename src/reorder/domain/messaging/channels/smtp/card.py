"""What an account at a mail server needs."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import MAIL_PACE_FIELDS
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="smtp",
    channel="email",
    title="Mail server (SMTP)",
    summary="Any mail server: your own, or the SMTP door of Amazon SES, SendGrid, Mailgun, Postmark, Brevo and others.",
    fields=(
        AdapterField(name="host", label="Server", help="Such as smtp.example.org."),
        AdapterField(
            name="port", label="Port", is_needed=False, help="Empty: 465 with TLS, 587 with STARTTLS, else 25."
        ),
        AdapterField(
            name="security",
            label="Encryption",
            default="starttls",
            choices=(
                ("tls", "from the first byte (TLS)"),
                ("starttls", "after the greeting (STARTTLS)"),
                ("none", "none"),
            ),
        ),
        AdapterField(name="user", label="User name", is_needed=False),
        AdapterField(name="password", label="Password", is_secret=True, is_needed=False),
        AdapterField(name="sender", label="Sender address", is_needed=False, help="Empty: the one of the settings."),
        *MAIL_PACE_FIELDS,
    ),
    lanes_most=2,
)
