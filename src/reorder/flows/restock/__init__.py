"""The warehouse reorders: proposals, their approval, purchase orders, receipts."""

from reorder.flows.restock.approving import (
    approve,
    approve_all,
    approve_supplier,
    cancel_order,
    dismiss,
    save_order_files,
)
from reorder.flows.restock.document import plain_units
from reorder.flows.restock.proposing import Proposed, propose_for, propose_purchases
from reorder.flows.restock.receiving import Received, receive

__all__ = [
    "Proposed",
    "Received",
    "approve",
    "approve_all",
    "approve_supplier",
    "cancel_order",
    "dismiss",
    "plain_units",
    "propose_for",
    "propose_purchases",
    "receive",
    "save_order_files",
]
