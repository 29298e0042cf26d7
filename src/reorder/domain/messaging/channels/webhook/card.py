"""What a service of one's own needs to take messages."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import COST_FIELD, RATE_FIELD
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="webhook",
    channel="webhook",
    title="Webhook",
    summary="Messages as signed JSON to an address of yours, for channels that are not listed here.",
    fields=(
        AdapterField(name="url", label="Address", help="Such as https://example.org/messages."),
        AdapterField(
            name="secret",
            label="Signing secret",
            is_secret=True,
            help="whsec_ followed by 24 to 64 bytes in Base64, as for webhooks of events.",
        ),
        COST_FIELD,
        RATE_FIELD,
    ),
    lanes_most=8,
)
