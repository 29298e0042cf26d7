"""What an account through karrio needs: which of its carriers, and that carrier's credentials."""

from typing import Final

from reorder.domain.shipping.carriers.base import (
    AT_PACKING_FIELD,
    HAZARD_FIELD,
    SENDER_FIELDS,
    AdapterCard,
)
from reorder.domain.shipping.carriers.values import Capabilities
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = AdapterCard(
    name="karrio",
    title="karrio",
    summary="Carriers of the world through the library karrio, which is an extra: FedEx, EasyPost and its plug-ins.",
    fields=(
        AdapterField(name="carrier", label="karrio's name of the carrier", help="Such as fedex or easypost."),
        AdapterField(
            name="credentials",
            label="Credentials",
            is_secret=True,
            help="What karrio needs for this carrier, as JSON, such as a key, a secret and an account number.",
        ),
        *SENDER_FIELDS,
        AT_PACKING_FIELD,
        HAZARD_FIELD,
    ),
    capabilities=Capabilities(rates=True, voids=True, tracks=True),
)
