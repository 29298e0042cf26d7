"""The warehouse reorders: proposals, their approval, purchase orders, receipts."""

from reorder.flows.restock.acknowledging import Acknowledged, acknowledge, acknowledge_all, read_x12_answers
from reorder.flows.restock.approving import approve, approve_all, approve_selection, approve_supplier
from reorder.flows.restock.automatic import AUTOMATIC, AutomaticOrders, order_automatically
from reorder.flows.restock.cancelling import Undone, cancel_order, undo_approval
from reorder.flows.restock.cancelling_lines import cancel_lines
from reorder.flows.restock.charging import add_charge, withdraw_charge
from reorder.flows.restock.claiming import claim_as_csv, claim_supplier, settle_fault
from reorder.flows.restock.deciding import dismiss, dismiss_selection, edit_proposal, undo_dismissal
from reorder.flows.restock.document import order_as_csv, order_as_pdf, order_as_x12
from reorder.flows.restock.files import save_order_files
from reorder.flows.restock.proposing import Proposed, propose_for, propose_purchases
from reorder.flows.restock.receiving import Received, is_received, receive
from reorder.flows.restock.releasing import refuse_order, release_order
from reorder.flows.restock.selecting import Selection, mark_of, marks_of
from reorder.flows.restock.transferring import dismiss_transfers, receive_transfers, send_transfers
from reorder.flows.restock.units import save_product_units
from reorder.flows.shop_day import shop_date, shop_time

__all__ = [
    "AUTOMATIC",
    "Acknowledged",
    "AutomaticOrders",
    "Proposed",
    "Received",
    "Selection",
    "Undone",
    "acknowledge",
    "acknowledge_all",
    "add_charge",
    "approve",
    "approve_all",
    "approve_selection",
    "approve_supplier",
    "cancel_lines",
    "cancel_order",
    "claim_as_csv",
    "claim_supplier",
    "dismiss",
    "dismiss_selection",
    "dismiss_transfers",
    "edit_proposal",
    "is_received",
    "mark_of",
    "marks_of",
    "order_as_csv",
    "order_as_pdf",
    "order_as_x12",
    "order_automatically",
    "propose_for",
    "propose_purchases",
    "read_x12_answers",
    "receive",
    "receive_transfers",
    "refuse_order",
    "release_order",
    "save_order_files",
    "save_product_units",
    "send_transfers",
    "settle_fault",
    "shop_date",
    "shop_time",
    "undo_approval",
    "undo_dismissal",
    "withdraw_charge",
]
