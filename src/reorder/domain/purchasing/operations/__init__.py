"""Writing suppliers, proposals, purchase orders and receipts; callable inside a caller's transaction."""

from reorder.domain.purchasing.operations.answers import follow_lines, give_up_units, record_acknowledgement
from reorder.domain.purchasing.operations.automatic import record_automatic_check
from reorder.domain.purchasing.operations.deciding import (
    ProposalEdit,
    dismiss_proposals,
    edit_proposal,
    refuse_changed,
    reopen_dismissed,
    reopen_of_cancelled,
)
from reorder.domain.purchasing.operations.discrepancies import make_claim, record_faults, settle_discrepancy
from reorder.domain.purchasing.operations.documents import save_document_terms, take_control_number
from reorder.domain.purchasing.operations.landing import record_charge, settle_landed_cost, withdraw_charge
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
from reorder.domain.purchasing.operations.rates import SavedRates, save_rates
from reorder.domain.purchasing.operations.releasing import refuse_order, release_order, withdraw_order
from reorder.domain.purchasing.operations.suppliers import save_offers, save_suppliers
from reorder.domain.purchasing.operations.terms import change_offer, change_supplier, create_offer, create_supplier
from reorder.domain.purchasing.operations.units import follow_units

__all__ = [
    "NewBuyingPolicy",
    "NewReceipt",
    "Placing",
    "ProposalEdit",
    "RecordedProposals",
    "SavedRates",
    "cancel_rest",
    "change_offer",
    "change_supplier",
    "create_offer",
    "create_supplier",
    "dismiss_proposals",
    "edit_proposal",
    "follow_lines",
    "follow_units",
    "give_up_units",
    "lock_purchase_order",
    "make_claim",
    "place_orders",
    "record_acknowledgement",
    "record_automatic_check",
    "record_charge",
    "record_faults",
    "record_proposals",
    "record_receipt",
    "refuse_changed",
    "refuse_closed",
    "refuse_order",
    "release_order",
    "reopen_dismissed",
    "reopen_of_cancelled",
    "save_document_terms",
    "save_offers",
    "save_rates",
    "save_suppliers",
    "set_buying_policy",
    "settle_discrepancy",
    "settle_landed_cost",
    "switch_automatic",
    "take_control_number",
    "withdraw_charge",
    "withdraw_order",
]
