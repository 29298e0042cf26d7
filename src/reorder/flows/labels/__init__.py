"""Labels: chosen, claimed, bought once, printed, given back; and the accounts at which they are bought."""

from reorder.flows.labels.at_packing import label_at_packing
from reorder.flows.labels.batches import ask_for_labels, buy_claimed, run_batch, void_asked
from reorder.flows.labels.buying import LabelWish, buy_label, carry_out, claim, claim_within, say_fault, say_rejected
from reorder.flows.labels.following import track
from reorder.flows.labels.managing import (
    add_account,
    change_account,
    rest_account,
    set_services,
    try_account,
    use_account,
)
from reorder.flows.labels.offering import choose_for_parcel, choose_for_row, choose_from_table, list_offers
from reorder.flows.labels.opening import callback_address, open_account, open_row
from reorder.flows.labels.printing import PrintedLabels, carrier_form, print_labels_pdf, print_labels_zpl
from reorder.flows.labels.recovering import (
    ask_again,
    decide_bought,
    decide_not_bought,
    get_label_at,
    recover_labels,
    settle,
)
from reorder.flows.labels.voiding import void_label

__all__ = [
    "LabelWish",
    "PrintedLabels",
    "add_account",
    "ask_again",
    "ask_for_labels",
    "buy_claimed",
    "buy_label",
    "callback_address",
    "carrier_form",
    "carry_out",
    "change_account",
    "choose_for_parcel",
    "choose_for_row",
    "choose_from_table",
    "claim",
    "claim_within",
    "decide_bought",
    "decide_not_bought",
    "get_label_at",
    "label_at_packing",
    "list_offers",
    "open_account",
    "open_row",
    "print_labels_pdf",
    "print_labels_zpl",
    "recover_labels",
    "rest_account",
    "run_batch",
    "say_fault",
    "say_rejected",
    "set_services",
    "settle",
    "track",
    "try_account",
    "use_account",
    "void_asked",
    "void_label",
]
