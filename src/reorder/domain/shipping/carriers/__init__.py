"""Carriers behind one Protocol: values and faults in common, one package an adapter, none of which imports another."""

from reorder.domain.shipping.carriers.base import (
    ADAPTERS,
    AdapterCard,
    Carrier,
    get_card,
    list_cards,
    open_carrier,
    refuse_missing,
)
from reorder.kernel.adapter_fields import AdapterField

__all__ = [
    "ADAPTERS",
    "AdapterCard",
    "AdapterField",
    "Carrier",
    "get_card",
    "list_cards",
    "open_carrier",
    "refuse_missing",
]
