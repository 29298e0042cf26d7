"""What a Facebook page needs to be posted on."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import address_field
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://graph.facebook.com/v23.0"
CARD: Final = ChannelCard(
    name="facebook_page",
    channel="chat",
    title="Facebook page",
    summary="Posts on a page of yours, by Meta's Graph API.",
    fields=(
        AdapterField(name="page_id", label="Page ID"),
        AdapterField(name="access_token", label="Page access token", is_secret=True),
        address_field(owner="Meta", default=ADDRESS),
    ),
    lanes_most=1,
    posts=True,
)
