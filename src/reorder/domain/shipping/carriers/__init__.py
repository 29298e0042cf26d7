"""Carriers behind one Protocol: values and faults in common, one package an adapter, none of which imports another."""

from reorder.domain.shipping.carriers.base import (
    ADAPTERS,
    AdapterCard,
    AdapterField,
    Carrier,
    get_card,
    list_cards,
    open_carrier,
    refuse_missing,
)

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
