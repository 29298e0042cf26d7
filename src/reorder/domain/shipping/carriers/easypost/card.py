"""What an account of EasyPost needs."""

from typing import Final

from reorder.domain.shipping.carriers.base import (
    AT_PACKING_FIELD,
    HAZARD_FIELD,
    SENDER_FIELDS,
    AdapterCard,
)
from reorder.domain.shipping.carriers.values import Capabilities
from reorder.kernel.adapter_fields import AdapterField

ADDRESS: Final = "https://api.easypost.com"
CARD: Final = AdapterCard(
    name="easypost",
    title="EasyPost",
    summary="Many carriers of the world through EasyPost, or through a server that speaks as EasyPost does.",
    fields=(
        AdapterField(
            name="address",
            label="Address of the server",
            is_needed=False,
            default=ADDRESS,
            help="Only for another server than EasyPost's own.",
        ),
        AdapterField(name="api_key", label="API key", is_secret=True, help="The test key for a test account."),
        AdapterField(
            name="webhook_secret",
            label="Secret of messages",
            is_secret=True,
            is_needed=False,
            help="With it EasyPost signs what it tells about parcels. Without one its messages are refused.",
        ),
        *SENDER_FIELDS,
        AT_PACKING_FIELD,
        HAZARD_FIELD,
    ),
    capabilities=Capabilities(
        rates=True, finds=True, voids=True, tracks=True, picks_up=True, manifests=True, callbacks=True
    ),
)
