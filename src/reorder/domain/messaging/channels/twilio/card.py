"""What an account for text messages needs."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import RATE_FIELD, address_field
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://api.twilio.com"
CARD: Final = ChannelCard(
    name="twilio",
    channel="sms",
    title="Text messages (SMS)",
    summary="Twilio, or a service that speaks as Twilio does. STOP and START of readers are heeded.",
    fields=(
        AdapterField(name="account_sid", label="Account SID"),
        AdapterField(name="auth_token", label="Auth token", is_secret=True, help="It also signs what Twilio tells us."),
        AdapterField(
            name="sender", label="Sender", help="A number such as +886912345678, or a messaging service (MG…)."
        ),
        AdapterField(
            name="price",
            label="Price of one part",
            is_needed=False,
            default="0",
            help="In the shop's currency, such as 1.20. A long text is several parts.",
        ),
        RATE_FIELD,
        address_field(owner="Twilio", default=ADDRESS),
    ),
    lanes_most=4,
    has_callbacks=True,
)
