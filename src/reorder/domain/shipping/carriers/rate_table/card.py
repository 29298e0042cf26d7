"""What an account of the shop's own table needs: nothing but a beginning for its numbers."""

from dataclasses import replace
from typing import Final

from reorder.domain.shipping.carriers.base import AT_PACKING_FIELD, HAZARD_FIELD, AdapterCard
from reorder.domain.shipping.carriers.values import Capabilities
from reorder.kernel.adapter_fields import AdapterField

CARD: Final = AdapterCard(
    name="rate_table",
    title="Rate table",
    summary="Prices from the shop's own services and rates, tracking numbers and labels of its own. Needs no carrier.",
    fields=(
        AdapterField(
            name="number_start",
            label="Numbers begin with",
            is_needed=False,
            default="RO",
            help="One to four letters or digits, at the beginning of every tracking number.",
        ),
        replace(AT_PACKING_FIELD, default="yes"),
        HAZARD_FIELD,
    ),
    capabilities=Capabilities(rates=True, finds=True, voids=True),
)
