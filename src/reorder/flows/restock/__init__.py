"""The warehouse reorders: proposals, their approval, purchase orders, receipts."""

from reorder.flows.restock.proposing import Proposed, propose_for, propose_purchases

__all__ = ["Proposed", "propose_for", "propose_purchases"]
