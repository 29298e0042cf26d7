"""What a room or page needs to be posted in."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="chat_room",
    channel="chat",
    title="Chat room or social page",
    summary="Posts in a Telegram channel, on Discord, Slack, Mastodon, Bluesky and others, through apprise.",
    fields=(
        AdapterField(
            name="url",
            label="Address (apprise)",
            is_secret=True,
            help="Such as tgram://bot-token/@channel/ or discord://webhook-id/webhook-token/.",
        ),
    ),
    lanes_most=1,
    posts=True,
)
