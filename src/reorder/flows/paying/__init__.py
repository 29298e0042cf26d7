"""How orders are paid, and money goes back; every action is one transaction, and once for its key."""

from reorder.flows.paying.asking import PaymentAsked, ask_payment, get_terms, list_ways_of_paying
from reorder.flows.paying.confirming import (
    PaymentConfirmed,
    collect_cash_on_delivery,
    collect_owed,
    confirm_payment,
    restate_payment,
)
from reorder.flows.paying.crediting import give_store_credit, take_store_credit
from reorder.flows.paying.expiring import ExpiringOrder, list_orders_to_expire
from reorder.flows.paying.receiving import receive_payment
from reorder.flows.paying.refunding import RefundMade, confirm_refund_sent, refund_order

__all__ = [
    "ExpiringOrder",
    "PaymentAsked",
    "PaymentConfirmed",
    "RefundMade",
    "ask_payment",
    "collect_cash_on_delivery",
    "collect_owed",
    "confirm_payment",
    "confirm_refund_sent",
    "get_terms",
    "give_store_credit",
    "list_orders_to_expire",
    "list_ways_of_paying",
    "receive_payment",
    "refund_order",
    "restate_payment",
    "take_store_credit",
]
