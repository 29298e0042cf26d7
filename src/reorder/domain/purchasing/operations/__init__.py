"""Writing suppliers, proposals, purchase orders and receipts; callable inside a caller's transaction."""

from reorder.domain.purchasing.operations.orders import (
    NewReceipt,
    cancel_rest,
    lock_purchase_order,
    place_orders,
    record_receipt,
    refuse_closed,
)
from reorder.domain.purchasing.operations.proposals import (
    RecordedProposals,
    dismiss_proposals,
    record_proposals,
)
from reorder.domain.purchasing.operations.suppliers import save_offers, save_suppliers

__all__ = [
    "NewReceipt",
    "RecordedProposals",
    "cancel_rest",
    "dismiss_proposals",
    "lock_purchase_order",
    "place_orders",
    "record_proposals",
    "record_receipt",
    "refuse_closed",
    "save_offers",
    "save_suppliers",
]
