"""Writing suppliers, proposals, purchase orders and receipts; callable inside a caller's transaction."""

from reorder.domain.purchasing.operations.deciding import (
    ProposalEdit,
    dismiss_proposals,
    edit_proposal,
    refuse_changed,
    reopen_dismissed,
    reopen_of_cancelled,
)
from reorder.domain.purchasing.operations.orders import (
    NewReceipt,
    cancel_rest,
    lock_purchase_order,
    record_receipt,
    refuse_closed,
)
from reorder.domain.purchasing.operations.placing import Placing, place_orders
from reorder.domain.purchasing.operations.policies import NewBuyingPolicy, set_buying_policy, switch_automatic
from reorder.domain.purchasing.operations.proposals import RecordedProposals, record_proposals
from reorder.domain.purchasing.operations.releasing import refuse_order, release_order, withdraw_order
from reorder.domain.purchasing.operations.suppliers import save_offers, save_suppliers
from reorder.domain.purchasing.operations.terms import change_offer, change_supplier, create_offer, create_supplier

__all__ = [
    "NewBuyingPolicy",
    "NewReceipt",
    "Placing",
    "ProposalEdit",
    "RecordedProposals",
    "cancel_rest",
    "change_offer",
    "change_supplier",
    "create_offer",
    "create_supplier",
    "dismiss_proposals",
    "edit_proposal",
    "lock_purchase_order",
    "place_orders",
    "record_proposals",
    "record_receipt",
    "refuse_changed",
    "refuse_closed",
    "refuse_order",
    "release_order",
    "reopen_dismissed",
    "reopen_of_cancelled",
    "save_offers",
    "save_suppliers",
    "set_buying_policy",
    "switch_automatic",
    "withdraw_order",
]
