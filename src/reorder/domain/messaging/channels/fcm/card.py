"""What notifications in an app need."""

from typing import Final

from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.messaging.channels.pacing import RATE_FIELD
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
        AdapterField(
            name="address",
            label="Address of the server",
            is_needed=False,
            default=ADDRESS,
            help="Only for another server than Google's own.",
        ),
        RATE_FIELD,
    ),
    lanes_most=8,
)
