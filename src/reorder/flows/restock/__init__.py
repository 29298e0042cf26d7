"""The warehouse reorders: proposals, their approval, purchase orders, receipts."""

from reorder.flows.restock.approving import (
    Selection,
    approve,
    approve_all,
    approve_selection,
    approve_supplier,
    mark_of,
    marks_of,
)
from reorder.flows.restock.cancelling import Undone, cancel_order, undo_approval
from reorder.flows.restock.deciding import dismiss, edit_proposal, undo_dismissal
from reorder.flows.restock.document import plain_units
from reorder.flows.restock.files import save_order_files
from reorder.flows.restock.proposing import Proposed, propose_for, propose_purchases
from reorder.flows.restock.receiving import Received, receive

__all__ = [
    "Proposed",
    "Received",
    "Selection",
    "Undone",
    "approve",
    "approve_all",
    "approve_selection",
    "approve_supplier",
    "cancel_order",
    "dismiss",
    "edit_proposal",
    "mark_of",
    "marks_of",
    "plain_units",
    "propose_for",
    "propose_purchases",
    "receive",
    "save_order_files",
    "undo_approval",
    "undo_dismissal",
]
