"""Reading suppliers' terms, proposals, purchase orders and receipts."""

from reorder.domain.purchasing.queries.frames import (
    frame_constraints,
    frame_expected_receipts,
    frame_lead_times,
    frame_terms,
)
from reorder.domain.purchasing.queries.orders import (
    OrderLineRow,
    PurchaseOrderRow,
    find_receipt,
    get_purchase_order,
    list_purchase_orders,
)
from reorder.domain.purchasing.queries.proposals import (
    ProposalRow,
    get_open_proposals,
    list_open_proposals,
)
from reorder.domain.purchasing.queries.suppliers import SupplierRow, get_supplier, list_suppliers

__all__ = [
    "OrderLineRow",
    "ProposalRow",
    "PurchaseOrderRow",
    "SupplierRow",
    "find_receipt",
    "frame_constraints",
    "frame_expected_receipts",
    "frame_lead_times",
    "frame_terms",
    "get_open_proposals",
    "get_purchase_order",
    "get_supplier",
    "list_open_proposals",
    "list_purchase_orders",
    "list_suppliers",
]
