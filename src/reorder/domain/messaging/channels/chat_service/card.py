"""What a chat service needs to reach persons."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import COST_FIELD, RATE_FIELD
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = ChannelCard(
    name="chat_service",
    channel="chat",
    title="Chat service",
    summary="Telegram and other chats through apprise: messages to persons who have given their chat id.",
    fields=(
        AdapterField(
            name="url",
            label="Address (apprise)",
            is_secret=True,
            help="With {address} where the person's id belongs, such as tgram://bot-token/{address}/.",
        ),
        COST_FIELD,
        RATE_FIELD,
    ),
    lanes_most=2,
)
