"""Takes orders in that a shop sends one by one or in small batches; the same rules as for a file of orders."""

from reorder.flows.order_intake.orders import Buyer, NewLine, NewOrder
from reorder.flows.order_intake.taking import OrderOutcome, cancel_order, take_order, take_orders

__all__ = ["Buyer", "NewLine", "NewOrder", "OrderOutcome", "cancel_order", "take_order", "take_orders"]
