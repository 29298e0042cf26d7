"""What notifications in an app need."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import RATE_FIELD, address_field
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://fcm.googleapis.com"
CARD: Final = ChannelCard(
    name="fcm",
    channel="app_push",
    title="Notifications in apps (FCM)",
    summary="Android and iOS apps of the shop, by Google's Firebase Cloud Messaging (HTTP v1).",
    fields=(
        AdapterField(
            name="service_account",
            label="Service account (JSON)",
            is_secret=True,
            help="The whole file that the Firebase console gives for a service account.",
        ),
        address_field(owner="Google", default=ADDRESS),
        RATE_FIELD,
    ),
    lanes_most=8,
)
