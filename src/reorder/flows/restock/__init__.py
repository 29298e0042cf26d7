"""The warehouse reorders: proposals, their approval, purchase orders, receipts."""

from reorder.flows.restock.approving import approve, approve_all, approve_selection, approve_supplier
from reorder.flows.restock.cancelling import Undone, cancel_order, undo_approval
from reorder.flows.restock.deciding import dismiss, dismiss_selection, edit_proposal, undo_dismissal
from reorder.flows.restock.document import order_as_csv, order_as_pdf
from reorder.flows.restock.files import save_order_files, shop_date
from reorder.flows.restock.proposing import Proposed, propose_for, propose_purchases
from reorder.flows.restock.receiving import Received, is_received, receive
from reorder.flows.restock.releasing import refuse_order, release_order
from reorder.flows.restock.selecting import Selection, mark_of, marks_of

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
    "dismiss_selection",
    "edit_proposal",
    "is_received",
    "mark_of",
    "marks_of",
    "order_as_csv",
    "order_as_pdf",
    "propose_for",
    "propose_purchases",
    "receive",
    "refuse_order",
    "release_order",
    "save_order_files",
    "shop_date",
    "undo_approval",
    "undo_dismissal",
]
