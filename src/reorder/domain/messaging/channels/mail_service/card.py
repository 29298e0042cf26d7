"""What an account at a mail service needs."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import MAIL_PACE_FIELDS
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="mail_service",
    channel="email",
    title="Mail service",
    summary="A mail service by its own interface, which also tells what became of each mail.",
    fields=(
        AdapterField(
            name="service",
            label="Service",
            choices=(
                ("amazon_ses", "Amazon SES"),
                ("brevo", "Brevo"),
                ("mailersend", "MailerSend"),
                ("mailgun", "Mailgun"),
                ("mailjet", "Mailjet"),
                ("postmark", "Postmark"),
                ("resend", "Resend"),
                ("sendgrid", "SendGrid"),
                ("sparkpost", "SparkPost"),
            ),
        ),
        AdapterField(
            name="api_key", label="API key", is_secret=True, help="Postmark: server token. Amazon SES: access key id."
        ),
        AdapterField(
            name="api_secret",
            label="API secret",
            is_secret=True,
            is_needed=False,
            help="Mailjet and Amazon SES only.",
        ),
        AdapterField(
            name="webhook_secret",
            label="Secret of messages to us",
            is_secret=True,
            is_needed=False,
            help="The service's signing key. For Brevo, Mailjet, Postmark, SparkPost and Amazon SES: user:password, as "
            "in the address that you enter there. Without it nothing that the service tells is believed.",
        ),
        AdapterField(name="sender", label="Sender address", is_needed=False, help="Empty: the one of the settings."),
        AdapterField(name="domain", label="Sender domain", is_needed=False, help="Mailgun only."),
        AdapterField(name="region", label="Region", is_needed=False, help="Amazon SES only, such as ap-northeast-1."),
        AdapterField(
            name="address",
            label="Address of the server",
            is_needed=False,
            help="Only for another server than the service's own, such as https://api.eu.mailgun.net/v3.",
        ),
        *MAIL_PACE_FIELDS,
    ),
    lanes_most=8,
    has_callbacks=True,
)
