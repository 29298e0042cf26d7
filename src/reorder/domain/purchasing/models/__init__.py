"""Suppliers and their terms, proposals, purchase orders and receipts."""

from reorder.domain.purchasing.models.following import (
    Acknowledgement,
    AcknowledgementLine,
    Claim,
    Discrepancy,
    Interchange,
    SupplierDocuments,
)
from reorder.domain.purchasing.models.money import Charge, ExchangeRate
from reorder.domain.purchasing.models.orders import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from reorder.domain.purchasing.models.policies import AutomaticCheck, BuyingPolicy
from reorder.domain.purchasing.models.proposals import Proposal
from reorder.domain.purchasing.models.suppliers import Offer, Supplier, SupplierClosing
from reorder.domain.purchasing.models.transfers import Transfer, TransferLane

__all__ = [
    "Acknowledgement",
    "AcknowledgementLine",
    "AutomaticCheck",
    "BuyingPolicy",
    "Charge",
    "Claim",
    "Discrepancy",
    "ExchangeRate",
    "Interchange",
    "Offer",
    "Proposal",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Receipt",
    "ReceiptLine",
    "Supplier",
    "SupplierClosing",
    "SupplierDocuments",
    "Transfer",
    "TransferLane",
]
