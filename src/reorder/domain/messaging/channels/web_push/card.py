"""What notifications in browsers need: nothing but keys, which are made here."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import RATE_FIELD
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="web_push",
    channel="web_push",
    title="Notifications in browsers (Web Push)",
    summary="Free, without an account anywhere: browsers that agreed on the shop's pages are notified.",
    fields=(
        AdapterField(
            name="contact",
            label="Contact for browser makers",
            help="A mail address of yours, such as mailto:it@example.org.",
        ),
        AdapterField(
            name="urgency",
            label="Urgency",
            default="normal",
            choices=(("low", "low: may wait for Wi-Fi"), ("normal", "normal"), ("high", "high: wakes the device")),
        ),
        AdapterField(
            name="private_key",
            label="Private key (VAPID)",
            is_secret=True,
            is_needed=False,
            help="Leave it empty: a pair is made. Enter one only to keep subscriptions of another system.",
        ),
        RATE_FIELD,
    ),
    lanes_most=8,
)
