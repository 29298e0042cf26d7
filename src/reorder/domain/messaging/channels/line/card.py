"""What a LINE official account needs."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import RATE_FIELD, address_field
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://api.line.me"
# LINE's limit of one multicast.
PEOPLE_MOST: Final = 500
CARD: Final = ChannelCard(
    name="line",
    channel="line",
    title="LINE official account",
    summary="Messages by LINE's Messaging API: answers for nothing, pushes, one content for up to 500 people at once.",
    fields=(
        AdapterField(name="access_token", label="Channel access token", is_secret=True),
        AdapterField(
            name="channel_secret",
            label="Channel secret",
            is_secret=True,
            help="With it LINE signs what people do and write.",
        ),
        AdapterField(
            name="plan",
            label="Monthly plan",
            default="light",
            choices=(
                ("light", "light: 200 messages"),
                ("medium", "medium: 3,000 messages"),
                ("high", "high: 6,000 messages, more for money"),
            ),
        ),
        RATE_FIELD,
        address_field(owner="LINE", default=ADDRESS),
    ),
    lanes_most=4,
    most_at_once=PEOPLE_MOST,
    has_callbacks=True,
)
